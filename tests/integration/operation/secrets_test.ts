import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { exchange, type RawResponse } from "../support/raw.ts";
import { LISTENERS, NEEDS, startAll } from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

const SECRETS = {
  AUTH_TOKEN: "auth-7f3a9c51",
  ADMIN_TOKEN: "admin-2b8e64d0",
};

const TOKEN = SECRETS.AUTH_TOKEN;
const ADMIN = SECRETS.ADMIN_TOKEN;
const HOST = "127.0.0.1";

/** Requests with a token: valid ones, on other routes, and malformed ones. */
const REQUESTS: readonly string[] = [
  handshake(`/auth?token=${TOKEN}`),
  handshake(`/auth?token=${TOKEN}x`),
  handshake(`/auth?token=x&token=${TOKEN}`),
  handshake("/auth", { Authorization: `Bearer ${TOKEN}` }),
  handshake("/auth", { Authorization: `Bearer ${TOKEN} x` }),
  handshake("/auth", { Authorization: `Basic ${TOKEN}` }),
  handshake("/auth", { Authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`] }),
  handshake(`/auth?token=${TOKEN}`, { "Sec-WebSocket-Version": "8" }),
  handshake(`/auth?token=${TOKEN}`, { "Sec-WebSocket-Key": "bad" }),
  handshake(`/auth?token=${TOKEN}`, { Upgrade: undefined }),
  handshake(`/auth?token=${TOKEN}`, {}, "POST"),
  handshake(`/ws?token=${TOKEN}`),
  handshake(`/nowhere?token=${TOKEN}`),
  handshake(`/auth?token=${TOKEN}`, { Host: "a b" }),
  handshake(`/auth?token=${TOKEN}%zz`),
  `GET /auth?token=${TOKEN} HTTP/1.1\r\nHost: ${HOST}\r\nbad field: ${TOKEN}\r\n\r\n`,
  `GET /auth?token=${TOKEN} HTTP/9\r\n\r\n`,
  requestHead("/http", { Host: HOST, Authorization: `Bearer ${ADMIN}` }),
  requestHead(`/http?token=${TOKEN}`),
  requestHead("/sessions", { Host: HOST, Authorization: `Bearer ${ADMIN}` }),
  requestHead("/sessions", { Host: HOST, Authorization: `Bearer ${ADMIN}x` }),
  requestHead("/sessions", { Host: HOST, Authorization: ADMIN }),
  requestHead("/sessions/none", {
    Host: HOST,
    Authorization: `Bearer ${ADMIN}`,
  }, "DELETE"),
  requestHead("/sessions", {
    Host: HOST,
    Authorization: `Bearer ${ADMIN}`,
    Origin: "https://evil.example",
  }),
  requestHead("/metrics", { Host: HOST, Authorization: `Bearer ${ADMIN}` }),
];

for (const logFormat of ["text", "json"]) {
  testWith(
    NEEDS,
    `no token appears in the log (${logFormat}), in an answer or in the metrics`,
    async () => {
      await using server = await startAll({
        ...SECRETS,
        LOG_FORMAT: logFormat,
        HANDSHAKE_RATE: "off",
      });
      const answers: RawResponse[] = [];
      for (const { name } of LISTENERS) {
        await using client = await connect(
          server.url(name, `/auth?token=${TOKEN}`),
        );
        await client.next();
        for (const head of REQUESTS) {
          answers.push(await exchange(server.address(name), head));
        }
        client.send("over");
        assertEquals(await client.next(), "over");
      }
      answers.push(
        await exchange(server.address("edge"), requestHead("/metrics")),
      );
      await eventually(
        () => server.lines.some((line) => line.includes("over")),
        "the log of the last message",
      );
      const written = [
        ...server.lines,
        ...answers.flatMap(({ headers, body }) => [
          ...[...headers].map(String),
          body,
        ]),
      ];
      assert(server.lines.length > REQUESTS.length, "nothing is logged");
      for (
        const secret of [
          ...Object.values(SECRETS),
          ...Object.values(SECRETS).map(btoa),
        ]
      ) {
        assertEquals(
          written.filter((text) => text.includes(secret)),
          [],
          secret,
        );
      }
      assertEquals(answers.filter(({ status }) => status >= 500), []);
    },
  );
}
