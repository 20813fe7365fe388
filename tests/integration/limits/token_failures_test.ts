import { assertEquals, assertMatch } from "@std/assert";
import { exchange } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { type Fields, handshake, requestHead } from "../support/wire.ts";
import { repeated } from "../support/within.ts";

/** Wrong tokens that the service compares before it limits an address. */
const FAILURES = 10;

const ENV = {
  TRUST_PROXY: "1",
  AUTH_TOKEN: "right-auth",
  METRICS_TOKEN: "right-metrics",
  ADMIN_TOKEN: "right-admin",
};

/** The routes with a token: the request's head, and the status with the right token. */
const ROUTES: readonly (readonly [
  name: string,
  listener: "edge" | "frame",
  head: (token: string, fields: Fields) => string,
  status: number,
])[] = [
  ...LISTENERS.map(({ name }) =>
    [
      `/auth on the ${name} listener`,
      name,
      (token: string, fields: Fields) =>
        handshake(`/auth?token=${token}-auth`, fields),
      101,
    ] as const
  ),
  [
    "/metrics",
    "edge",
    (token, fields) => bearer("/metrics", `${token}-metrics`, fields),
    200,
  ],
  [
    "/sessions",
    "edge",
    (token, fields) => bearer("/sessions", `${token}-admin`, fields),
    200,
  ],
];

function bearer(path: string, token: string, fields: Fields): string {
  return requestHead(path, {
    Host: "127.0.0.1",
    Authorization: `Bearer ${token}`,
    ...fields,
  });
}

for (const [name, listener, head, right] of ROUTES) {
  suite(`${name}: wrong tokens`, ENV, async (server, step) => {
    const ask = (token: string, client: string) =>
      exchange(
        server.address(listener),
        head(token, { "X-Forwarded-For": client }),
      );

    let address = 10;
    // After six seconds one more is compared, so an attempt must not take longer.
    await step(
      "the wrong tokens of one address are limited",
      repeated(async () => {
        const client = `192.0.2.${address++}`;
        for (let i = 0; i < FAILURES; i++) {
          assertEquals((await ask(`wrong${i}`, client)).status, 401);
        }
        for (const token of ["wrong", "right"]) {
          const { status, headers, body } = await ask(token, client);
          assertEquals(status, 429, token);
          assertMatch(headers.get("retry-after"), /^[1-9]\d*$/);
          assertMatch(body, /wrong tokens/);
        }
      }),
    );

    await step("another address is not affected", async () => {
      assertEquals((await ask("right", "192.0.2.2")).status, right);
      assertEquals((await ask("wrong", "192.0.2.2")).status, 401);
      assertEquals((await ask("right", "192.0.2.2")).status, right);
    });
  });
}
