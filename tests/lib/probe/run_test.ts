import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../../../lib/probe/run.ts";
import type { StepResult } from "../../../lib/probe/step/step.ts";
import { Target } from "../../../lib/probe/step/target.ts";
import { selectSteps, steps } from "../../../lib/probe/steps.ts";
import { within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import {
  type Behaviour,
  echo,
  serve,
  serverFrame,
  switchProtocols,
} from "./faulty_server.ts";

/** Milliseconds per step in tests of the timeout. */
const SHORT = 300;

/** Runs the selected steps on a server. */
async function probe(
  url: URL,
  only: readonly string[],
  timeout = 10_000,
): Promise<StepResult[]> {
  const all = run(new Target(url), selectSteps(steps(20), only), timeout);
  return await within(Array.fromAsync(all), "the probe");
}

/** Runs one step on a faulty server. */
async function probeOne(
  behaviour: Behaviour,
  step: string,
  timeout?: number,
): Promise<StepResult> {
  await using server = await serve(behaviour);
  const [result] = await probe(server.url, [step], timeout);
  return result!;
}

const NET = { net: true } as const;

testWith(NET, "run() passes every step on a correct echo server", async () => {
  await using server = await serve({
    frame(socket, frame) {
      const text = new TextDecoder().decode(frame.payload);
      if (text !== "Trigger async") echo(socket, frame);
      else setTimeout(() => socket.write(serverFrame(0x81, "Async data")), 5);
    },
  });
  const names = ["handshake", "text", "binary", "empty", "fragmented", "large"];
  const results = await probe(server.url, [...names, "ping", "async", "rtt"]);
  assertEquals(
    results.filter(({ outcome }) => outcome !== "pass").map(({ seen }) => seen),
    [],
  );
  assertEquals(results.length, 9);
  assertEquals(results[4]!.details.frames, 5);
  assertEquals(results[8]!.details.count, 20);
});

/** Faults of a server, and the step, message and source that report each. */
const FAULTS: readonly [
  fault: string,
  behaviour: Behaviour,
  step: string,
  seen: RegExp,
  source: string,
][] = [
  [
    "a wrong accept key",
    { answer: (socket) => switchProtocols(socket, "wrong") },
    "handshake",
    /^101, but Sec-WebSocket-Accept is "wrong", not \S{28}$/,
    "RFC 6455 §4.2.2",
  ],
  [
    "a subprotocol that was not offered",
    {
      answer: (socket, accept) =>
        switchProtocols(socket, accept, ["Sec-WebSocket-Protocol: mqtt"]),
    },
    "handshake",
    /^101, but the subprotocol "mqtt" was not offered$/,
    "RFC 6455 §4.1",
  ],
  [
    "an extension that was not offered",
    {
      answer: (socket, accept) =>
        switchProtocols(socket, accept, ["Sec-WebSocket-Extensions: x-y"]),
    },
    "handshake",
    /^101, but the extension "x-y" was not offered$/,
    "RFC 6455 §9.1",
  ],
  [
    "a refusal with 401",
    {
      answer: (socket) =>
        socket.write(
          "HTTP/1.1 401 Unauthorized\r\nContent-Length: 11\r\n\r\nno\x1b[2Jtoken\n",
        ),
    },
    "handshake",
    /^refused with 401 Unauthorized: "no\\u001b\[2Jtoken"$/,
    "RFC 6455 §4.1",
  ],
  [
    "a redirection",
    {
      answer: (socket) =>
        socket.write("HTTP/1.1 302 Found\r\nLocation: wss://b/\r\n\r\n"),
    },
    "handshake",
    /^refused with 302 Found to "wss:\/\/b\/"$/,
    "RFC 6455 §4.1",
  ],
  [
    "another protocol",
    { connected: (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n") },
    "handshake",
    /^the answer is not HTTP: "SSH-2\.0-OpenSSH_9\.2"$/,
    "RFC 6455 §4.1",
  ],
  [
    "an end without an answer",
    { answer: (socket) => socket.end() },
    "handshake",
    /^the server ended the connection without an answer$/,
    "RFC 6455 §4.1",
  ],
  [
    "an end inside the answer",
    { answer: (socket) => socket.end("HTTP/1.1 101 ") },
    "handshake",
    /^the server ended the connection after 13 bytes of an answer$/,
    "RFC 6455 §4.1",
  ],
  [
    "a reset instead of an answer",
    { answer: (socket) => socket.resetAndDestroy() },
    "handshake",
    /^the server reset the connection without an answer$/,
    "RFC 6455 §4.1",
  ],
  [
    "a reset at once",
    { connected: (socket) => socket.resetAndDestroy() },
    "handshake",
    /^(the server reset the connection without an answer|connection reset by 127\.0\.0\.1:\d+)$/,
    "RFC 6455 §4.1",
  ],
  [
    "masked frames",
    { frame: (socket) => socket.write(Uint8Array.of(0x81, 0x80, 1, 2, 3, 4)) },
    "text",
    /^the server sent a masked frame$/,
    "RFC 6455 §5.1",
  ],
  [
    "garbage",
    { open: (socket) => socket.write(new Uint8Array(64).fill(0xff)) },
    "text",
    /^the server sent a reserved bit/,
    "RFC 6455 §5.2",
  ],
  [
    "a wrong byte",
    {
      frame(socket, frame) {
        frame.payload[3]! ^= 1;
        echo(socket, frame);
      },
    },
    "binary",
    /^byte 3 came back as 0x02, not 0x03$/,
    "RFC 6455 §5.6",
  ],
  [
    "text as binary",
    {
      frame: (socket, { payload }) => socket.write(serverFrame(0x82, payload)),
    },
    "text",
    /^TEXT came back as BINARY$/,
    "RFC 6455 §5.6",
  ],
  [
    "text that is not UTF-8",
    { frame: (socket) => socket.write(serverFrame(0x81, Uint8Array.of(0xff))) },
    "text",
    /^the server sent a text that is not UTF-8$/,
    "RFC 6455 §8.1",
  ],
  [
    "another text instead of the echo",
    { frame: (socket) => socket.write(serverFrame(0x81, "Who are you?")) },
    "text",
    /^the text "Who are you\?" came instead$/,
    "RFC 6455 §5.6",
  ],
  [
    "only the first fragment",
    {
      frame: (socket, { opcode, payload }) => {
        if (opcode === 0x1) socket.write(serverFrame(0x81, payload));
      },
    },
    "fragmented",
    /^the text "The " came instead$/,
    "RFC 6455 §5.4",
  ],
  [
    "a limit below 1 MiB",
    {
      frame: (socket) =>
        socket.end(serverFrame(0x88, Uint8Array.of(0x03, 0xf1, 0x6e, 0x6f))),
    },
    "large",
    /^the server closed with CLOSE 1009 "no"$/,
    "RFC 6455 §5.2",
  ],
  [
    "a reset in the middle of a message",
    {
      frame: (socket, { payload }) =>
        socket.write(
          serverFrame(0x82, payload).subarray(0, 1000),
          () => socket.resetAndDestroy(),
        ),
    },
    "large",
    /^the server reset the TCP connection without a CLOSE/,
    "RFC 6455 §5.2",
  ],
  [
    "an end in the middle of a message",
    {
      frame: (socket, { payload }) =>
        socket.end(serverFrame(0x82, payload).subarray(0, 100)),
    },
    "binary",
    /^the server ended the TCP connection without a CLOSE, in the middle of a frame$/,
    "RFC 6455 §5.6",
  ],
  [
    "another payload in the PONG",
    { frame: (socket) => socket.write(serverFrame(0x8a, "other")) },
    "ping",
    /^PONG with another payload: 5 bytes, "other"$/,
    "RFC 6455 §5.5.3",
  ],
  [
    "an echo of text that is not UTF-8",
    {},
    "utf8",
    /^the server sent a text that is not UTF-8$/,
    "RFC 6455 §8.1",
  ],
  [
    "an echo of an unmasked frame",
    {},
    "unmasked",
    /^the text "unmasked" came instead$/,
    "RFC 6455 §5.1",
  ],
  [
    "an end where a CLOSE is due",
    { frame: (socket) => socket.end() },
    "unmasked",
    /^the server ended the TCP connection without a CLOSE$/,
    "RFC 6455 §5.1",
  ],
  [
    "another close code",
    {
      frame: (socket) => socket.end(serverFrame(0x88, Uint8Array.of(3, 0xe9))),
    },
    "close-3000",
    /^answered with CLOSE 1001$/,
    "RFC 6455 §5.5.1",
  ],
  [
    "an illegal close code, passed back",
    {},
    "close-illegal",
    /^the server sent a CLOSE with the code 1005, which may not be sent$/,
    "RFC 6455 §7.4",
  ],
  [
    "a TCP connection that stays open behind the CLOSE",
    {
      frame: (socket, { payload }) => socket.write(serverFrame(0x88, payload)),
    },
    "close-1000",
    /^answered with CLOSE 1000 "bye", but the TCP connection stays open$/,
    "RFC 6455 §5.5.1",
  ],
  [
    "data behind the CLOSE",
    {
      frame: (socket, { payload }) => {
        socket.write(serverFrame(0x88, payload));
        socket.end(serverFrame(0x81, "more"));
      },
    },
    "close-1000",
    /^answered with CLOSE 1000 "bye", but the text "more" follows the CLOSE$/,
    "RFC 6455 §5.5.1",
  ],
  [
    "compressed data that is none",
    {
      answer: (socket, accept) =>
        switchProtocols(socket, accept, [
          "Sec-WebSocket-Extensions: permessage-deflate",
        ]),
      frame: (socket) =>
        socket.write(serverFrame(0xc1, Uint8Array.of(0xff, 0xff))),
    },
    "deflate",
    /^the echo cannot be inflated$/,
    "RFC 7692 §6",
  ],
];

for (const [fault, behaviour, step, seen, source] of FAULTS) {
  testWith(NET, `run() reports ${fault}`, async () => {
    const result = await probeOne(behaviour, step);
    assertEquals([result.name, result.outcome], [step, "fail"], result.seen);
    assertMatch(result.seen, seen);
    assertEquals(result.source, source);
  });
}

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
    async () => {
      const result = await probeOne(behaviour, step, SHORT);
      assertEquals(result.outcome, "fail");
      assertEquals(
        result.seen,
        `timed out after 0.3 s, waiting for ${waitingFor}`,
      );
      assertEquals(result.details, { failure: "timeout" });
    },
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
    async () => {
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
    },
  );
}

testWith(NET, "run() times out during the TLS handshake", async () => {
  await using server = await serve({ answer: () => {} });
  const url = new URL(server.url.href.replace("ws:", "wss:"));
  const [result] = await probe(url, ["handshake"], SHORT);
  assertEquals(
    result!.seen,
    "timed out after 0.3 s, waiting for the TLS handshake",
  );
});

testWith(
  NET,
  "run() ignores a greeting and answers PINGs",
  async () => {
    const pongs: string[] = [];
    const behaviour: Behaviour = {
      open(socket) {
        socket.write(serverFrame(0x81, "Welcome"));
        socket.write(serverFrame(0x89, "there?"));
      },
      frame(socket, frame) {
        if (frame.opcode !== 0xa) return echo(socket, frame);
        pongs.push(new TextDecoder().decode(frame.payload));
      },
    };
    await using server = await serve(behaviour);
    const results = await probe(server.url, [
      "handshake",
      "text",
      "close-1000",
    ]);
    assertEquals(results.map(({ outcome }) => outcome), [
      "pass",
      "pass",
      "pass",
    ]);
    assertEquals(pongs[0], "there?");
  },
);

testWith(
  NET,
  "run() continues on a new connection after a failure",
  async () => {
    let connections = 0;
    await using server = await serve({
      open: () => void connections++,
      frame(socket, frame) {
        if (frame.opcode === 0x2) socket.destroy();
        else echo(socket, frame);
      },
    });
    const results = await probe(server.url, [
      "handshake",
      "text",
      "binary",
      "empty",
    ]);
    assertEquals(
      results.map(({ outcome }) => outcome),
      ["pass", "pass", "fail", "pass"],
    );
    // The first, one to check reachability, and one for the next step.
    assertEquals(connections, 3);
  },
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
    async () => {
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
    },
  );
}

testWith(
  NET,
  "run() continues with a server that serves one connection at a time",
  async () => {
    let free = Promise.resolve();
    await using server = await serve({
      async answer(socket, accept) {
        const closed = new Promise<void>((resolve) =>
          socket.on("close", () => resolve())
        );
        const before = free;
        free = before.then(() => closed);
        await before;
        if (!socket.destroyed) switchProtocols(socket, accept);
      },
    });
    const only = ["text", "close-1000", "rtt"];
    const results = await probe(server.url, only, SHORT);
    assertEquals(
      results.map(({ outcome, seen }) => outcome === "fail" ? seen : outcome),
      [
        "pass",
        "timed out after 0.3 s, waiting for the response to the handshake",
        "pass",
      ],
    );
  },
);

testWith(
  NET,
  "run() skips async when the server echoes the request",
  async () => {
    const result = await probeOne({}, "async");
    assertEquals(result.outcome, "skip");
    assertEquals(result.seen, "unknown to the server: the text came back");
  },
);

testWith(
  NET,
  "run() skips the remaining steps when the server accepts no WebSocket",
  async () => {
    await using server = await serve({ answer: (socket) => socket.end() });
    const [first, ...others] = await probe(server.url, []);
    assertEquals([first!.name, first!.outcome], ["handshake", "fail"]);
    assert(
      others.every(({ isTried, outcome }) => !isTried && outcome === "skip"),
    );
    assertEquals(others.length, steps().length - 1);
  },
);

testWith(
  NET,
  "run() escapes control characters in the fields of the handshake",
  async () => {
    const result = await probeOne({
      answer: (socket, accept) =>
        switchProtocols(socket, accept, ["X-Name: a\x1b[31mb"]),
    }, "handshake");
    assertEquals(result.outcome, "pass");
    assertEquals(result.lines.at(-1), "X-Name: a\\u001b[31mb");
    const { status, headers } = result.details;
    assertEquals(status, 101);
    assertEquals((headers as string[][]).at(-1), ["X-Name", "a\x1b[31mb"]);
  },
);

testWith(NET, "run() reports a refused connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const [result] = await probe(new URL(`ws://127.0.0.1:${port}/`), []);
  assertEquals(result!.seen, `connection refused by 127.0.0.1:${port}`);
});

testWith(NET, "run() reports a name without an address", async () => {
  const [result] = await probe(new URL("ws://name.invalid/"), []);
  assertEquals(result!.seen, "no address is known for name.invalid");
});
