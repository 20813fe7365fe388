import { assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { exchange } from "../support/raw.ts";
import { WORKERS_START } from "../support/server.ts";
import { LISTENERS, NEEDS, showingLog, startAll } from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";

/** The end of each refusal. */
const HOW = ": start the service with WORKERS=1.\n";

const JOURNALS =
  `Journals need one thread, since each thread has journals of its own${HOW}`;
const CHANNELS =
  `Channels need one thread, since each thread has channels of its own${HOW}`;
const STASH =
  `The stash needs one thread, since each thread has values of its own${HOW}`;
const CASES =
  `The conformance cases need one thread, since each thread has results of its own${HOW}`;
const counting = (step: string) =>
  `The step ${step} needs one thread, since each thread counts for itself${HOW}`;

/** Handshakes that several threads refuse, on both listeners. */
const HANDSHAKES: Readonly<Record<string, readonly [number, string]>> = {
  "/ws?journal=a": [501, JOURNALS],
  "/frames?journal=a": [501, JOURNALS],
  "/channel/a": [501, CHANNELS],
  "/channel?uuid=a&direction=read": [501, CHANNELS],
  "/stash": [501, STASH],
  "/stash/a": [501, STASH],
  "/getCaseCount": [501, CASES],
  "/runCase?case=1&agent=a": [501, CASES],
  "/getCaseStatus?case=1&agent=a": [501, CASES],
  "/updateReports?agent=a": [501, CASES],
  "/do/first:2:status:503/echo": [400, counting("first")],
  "/do/every:2:status:503/echo": [400, counting("every")],
  "/do/down:5000/echo": [400, counting("down")],
  "/do/key:a/first:2:status:503/echo": [400, counting("key")],
  "/do/journal:a/echo": [
    501,
    `The step journal needs one thread, since each thread has journals of its own${HOW}`,
  ],
  "/do/challenge:digest/echo": [
    400,
    `The step challenge needs one thread, since each thread accepts only its own nonces${HOW}`,
  ],
};

/** HTTP requests that several threads refuse; HTTP routes are on the edge listener. */
const REQUESTS: Readonly<Record<string, string>> = {
  "GET /journal/a": JOURNALS,
  "DELETE /journal/a": JOURNALS,
  "GET /stash/a": STASH,
  "PUT /stash/a": STASH,
  "GET /conformance/": CASES,
  "GET /conformance/index.json": CASES,
};

testWith(
  { ...NEEDS, linux: true },
  "a service with several threads refuses what keeps state between connections",
  async (t: Deno.TestContext) => {
    await using server = await startAll(
      { WORKERS: "2" },
      { args: WORKERS_START },
    );
    const step = (name: string, fn: () => Promise<void>) =>
      t.step(name, () => showingLog(server, fn));

    for (const { name } of LISTENERS) {
      const address = server.address(name);
      for (const [path, [status, message]] of Object.entries(HANDSHAKES)) {
        await step(`${name} listener: ${path} gets ${status}`, async () => {
          const answer = await exchange(address, handshake(path));
          assertEquals([answer.status, answer.body], [status, message]);
        });
      }

      await step(`${name} listener: a refusal is JSON by Accept`, async () => {
        const fields = { Accept: "application/json" };
        const { status, body } = await exchange(
          address,
          handshake("/ws?journal=a", fields),
        );
        assertEquals(status, 501);
        assertEquals(JSON.parse(body), {
          status: 501,
          error: "Not Implemented",
          message: JOURNALS.trim(),
        });
      });

      await step(
        `${name} listener: a GET without an upgrade gets the refusal of its query`,
        async () => {
          const { status, body } = await exchange(
            address,
            requestHead("/ws?journal=a"),
          );
          assertEquals([status, body], [501, JOURNALS]);
        },
      );

      await step(
        `${name} listener: a listener's own refusal of ?journal= stays as it is`,
        async () => {
          const { status } = await exchange(
            address,
            handshake("/ws?journal=a", { "Sec-WebSocket-Key": undefined }),
          );
          assertEquals(status, 400);
        },
      );

      await step(`${name} listener: other plans run`, async () => {
        const url = server.url(name, "/do/text:hello/echo");
        await using client = await connect(url);
        assertEquals(await client.next(), "hello");
        client.send("echo");
        assertEquals(await client.next(), "echo");
      });
    }

    for (const [request, message] of Object.entries(REQUESTS)) {
      await step(`edge listener: ${request} gets 501`, async () => {
        const [method, path] = request.split(" ") as [string, string];
        const fields = { Host: "127.0.0.1", "Content-Length": "0" };
        const answer = await exchange(
          server.address("edge"),
          requestHead(path, fields, method),
        );
        assertEquals([answer.status, answer.body], [501, message]);
      });
    }

    await step(
      "frame listener: /journal is still on the edge listener",
      async () => {
        const { status } = await exchange(
          server.address("frame"),
          requestHead("/journal/a"),
        );
        assertEquals(status, 426);
      },
    );
  },
);
