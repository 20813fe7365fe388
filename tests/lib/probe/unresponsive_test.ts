import { assertEquals, assertMatch } from "@std/assert";
import { steps } from "../../../lib/probe/steps.ts";
import { repeated } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import {
  type Behaviour,
  echo,
  serve,
  switchProtocols,
} from "./faulty_server.ts";
import { NET, probe, probeOne, SHORT } from "./probing.ts";

/** Servers that stop answering, and the event that the timeout names. */
const SILENT: readonly [
  when: string,
  behaviour: Behaviour,
  step: string,
  waitingFor: string,
][] = [
  [
    "before the handshake",
    { answer: () => {} },
    "handshake",
    "the response to the handshake",
  ],
  ["before the echo", { frame: () => {} }, "text", "the echo"],
  ["before the PONG", { frame: () => {} }, "ping", "the PONG"],
  ["before the CLOSE", { frame: () => {} }, "utf8", "a CLOSE"],
  ["during rtt", { frame: () => {} }, "rtt", "echo 1 of 20"],
];

for (const [when, behaviour, step, waitingFor] of SILENT) {
  testWith(
    NET,
    `run() times out when the server stops answering ${when}`,
    repeated(async () => {
      const result = await probeOne(behaviour, step, SHORT);
      assertEquals(result.outcome, "fail");
      assertEquals(
        result.seen,
        `timed out after 0.3 s, waiting for ${waitingFor}`,
      );
      assertEquals(result.details, { failure: "timeout" });
    }),
  );
}

/** Reactions of a server without TLS to a TLS handshake. */
const PLAIN: readonly [reaction: string, behaviour: Behaviour][] = [
  ["does not answer", {}],
  [
    "answers in HTTP",
    {
      connected: (socket) =>
        socket.once("data", ([first]) => {
          if (first === 0x16) socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
        }),
    },
  ],
  [
    "ends TCP",
    {
      connected: (socket) =>
        socket.once("data", ([first]) => void (first === 0x16 && socket.end())),
    },
  ],
  [
    "resets TCP",
    {
      connected: (socket) =>
        socket.once(
          "data",
          ([first]) => void (first === 0x16 && socket.resetAndDestroy()),
        ),
    },
  ],
];

for (const [reaction, behaviour] of PLAIN) {
  testWith(
    NET,
    `run() suggests ws:// when a plain port ${reaction} after a TLS handshake`,
    repeated(async () => {
      await using server = await serve(behaviour);
      const url = new URL(server.url.href.replace("ws:", "wss:"));
      const [first, ...others] = await probe(url, ["handshake", "text"], SHORT);
      assertEquals(
        [first!.outcome, first!.seen, first!.hint],
        [
          "fail",
          `${url.host} does not speak TLS: it answers plain HTTP`,
          `try ${server.url.href}`,
        ],
      );
      assertEquals(others.map(({ isTried }) => isTried), [false]);
    }),
  );
}

testWith(
  NET,
  "run() times out during the TLS handshake",
  repeated(async () => {
    await using server = await serve({ answer: () => {} });
    const url = new URL(server.url.href.replace("ws:", "wss:"));
    const [result] = await probe(url, ["handshake"], SHORT);
    assertEquals(
      result!.seen,
      "timed out after 0.3 s, waiting for the TLS handshake",
    );
  }),
);

/** Servers that stop at a binary message, and the error of the next connection. */
const STOPPED: readonly [
  how: string,
  cause: string,
  afterwards: Behaviour | "none",
][] = [
  ["has stopped", "connection refused by 127.0.0.1:PORT", "none"],
  [
    "has stopped behind a proxy",
    "refused with 502 Bad Gateway",
    { answer: (socket) => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n") },
  ],
  [
    "no longer answers",
    "timed out after 0.3 s, waiting for the response to the handshake",
    { answer: () => {} },
  ],
];

for (const [how, error, afterwards] of STOPPED) {
  testWith(
    NET,
    `run() reports once that the server ${how} and skips the remaining steps`,
    repeated(async () => {
      let isStopped = false;
      let ended: PromiseLike<void> | undefined;
      const server = await serve({
        answer(socket, accept) {
          if (isStopped && afterwards !== "none") {
            afterwards.answer!(socket, accept);
          } else switchProtocols(socket, accept);
        },
        frame(socket, frame) {
          if (frame.opcode !== 0x2) return echo(socket, frame);
          isStopped = true;
          if (afterwards === "none") ended = server[Symbol.asyncDispose]();
          else socket.destroy();
        },
      });
      const results = await probe(server.url, [], SHORT);
      await (ended ?? server[Symbol.asyncDispose]());
      const cause = error.replace("PORT", server.url.port);
      assertEquals(
        results.slice(0, 3).map(({ outcome }) => outcome),
        ["pass", "pass", "fail"],
      );
      assertMatch(results[2]!.seen, /the TCP connection without a CLOSE$/);
      assertEquals(
        results[2]!.hint,
        `the server no longer accepts a WebSocket: ${cause}`,
      );
      assertEquals(
        new Set(
          results.slice(3).map(({ isTried, seen }) => `${isTried} ${seen}`),
        ),
        new Set(["false not tried: the server no longer accepts a WebSocket"]),
      );
      assertEquals(results.length, steps().length);
    }),
  );
}
