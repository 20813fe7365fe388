import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type Answer,
  echoing,
  Peer,
  play,
  type PlayOptions,
  verdictOf,
} from "./peer.ts";
import { repeated } from "../../integration/support/within.ts";
import { CASES } from "../../../lib/conformance/cases.ts";
import { runCase } from "../../../lib/conformance/run.ts";
import type { WireClosing } from "../../../lib/wire.ts";

const PING = 9;
const CLOSE = 8;

/** Fails the connection at the first frame that `at` matches, and answers others. */
function failing(
  code: number | undefined,
  at: (frame: Parameters<Answer>[0]) => boolean,
): Answer {
  const echo = echoing();
  let failed = false;
  return (frame, peer) => {
    if (failed) return;
    if (!at(frame)) return echo(frame, peer);
    failed = true;
    if (code === undefined) peer.end();
    else peer.sendClose(code);
  };
}

/** Test cases: the case, what the peer does, and the verdicts. */
const VERDICTS: readonly (readonly [
  what: string,
  id: string,
  answer: Answer,
  behavior: string,
  behaviorClose: string,
  options?: PlayOptions,
])[] = [
  ["echoes", "1.1.2", echoing(), "OK", "OK"],
  [
    "answers CLOSE without a code",
    "1.1.2",
    (frame, peer) =>
      frame.opcode === CLOSE ? peer.sendClose() : echoing()(frame, peer),
    "OK",
    "OK",
  ],
  [
    "answers CLOSE with another code",
    "1.1.2",
    (frame, peer) =>
      frame.opcode === CLOSE ? peer.sendClose(1001) : echoing()(frame, peer),
    "OK",
    "WRONG CODE",
  ],
  [
    "ends TCP in place of an answer to CLOSE",
    "1.1.2",
    (frame, peer) =>
      frame.opcode === CLOSE ? peer.end() : echoing()(frame, peer),
    "OK",
    "UNCLEAN",
  ],
  [
    "resets the connection in place of an answer to CLOSE",
    "1.1.2",
    (frame, peer) =>
      frame.opcode === CLOSE ? peer.end("reset") : echoing()(frame, peer),
    "OK",
    "UNCLEAN",
  ],
  [
    "closes in place of an echo",
    "1.1.2",
    failing(1000, ({ opcode }) => opcode === 1),
    "FAILED",
    "FAILED",
  ],
  [
    "echoes with another type",
    "1.1.2",
    (frame, peer) =>
      frame.opcode === 1 ? peer.send(2, frame.payload) : echoing()(frame, peer),
    "FAILED",
    "WRONG CODE",
  ],
  [
    "echoes twice",
    "1.1.2",
    (frame, peer) => {
      if (frame.opcode === 1) peer.send(1, frame.payload);
      echoing()(frame, peer);
    },
    "FAILED",
    "OK",
  ],
  [
    "sends an unmasked frame",
    "1.1.2",
    (frame, peer) =>
      frame.opcode === 1
        ? peer.send(1, frame.payload, { mask: "none" })
        : echoing()(frame, peer),
    "FAILED",
    "WRONG CODE",
  ],
  [
    "sends a text that is not UTF-8",
    "1.1.2",
    (frame, peer) =>
      frame.opcode === 1
        ? peer.send(1, Uint8Array.of(0xff))
        : echoing()(frame, peer),
    "FAILED",
    "WRONG CODE",
  ],
  [
    "answers a long PING",
    "2.5",
    (frame, peer) => {
      if (frame.opcode === PING) peer.send("pong", frame.payload.slice(1));
      else echoing()(frame, peer);
    },
    "FAILED",
    "FAILED",
  ],
  [
    "answers PINGs in another order",
    "2.10",
    (() => {
      let first: Uint8Array | undefined;
      return (frame, peer) => {
        if (frame.opcode !== PING) return echoing()(frame, peer);
        if (first === undefined) {
          first = frame.payload;
          return;
        }
        peer.send("pong", frame.payload);
        if (first.length > 0) peer.send("pong", first);
        first = new Uint8Array(0);
      };
    })(),
    "FAILED",
    "OK",
  ],
  [
    "fails a reserved bit with 1002",
    "3.1",
    failing(1002, ({ rsv }) => rsv > 0),
    "OK",
    "OK",
  ],
  [
    "fails a reserved bit by the end of TCP",
    "3.1",
    failing(undefined, ({ rsv }) => rsv > 0),
    "OK",
    "OK",
  ],
  [
    "fails a reserved bit with another code",
    "3.1",
    failing(1003, ({ rsv }) => rsv > 0),
    "OK",
    "WRONG CODE",
  ],
  [
    "fails before it has echoed the message in front of the violation",
    "3.2",
    failing(1002, () => true),
    "NON-STRICT",
    "OK",
  ],
  [
    "accepts a reserved bit",
    "3.2",
    echoing(),
    "FAILED",
    "FAILED",
  ],
  [
    "accepts text that is not UTF-8",
    "6.15.1",
    (frame, peer) => {
      if (frame.opcode === CLOSE) peer.send("close", frame.payload);
    },
    "FAILED",
    "FAILED",
  ],
  [
    "fails text that is not UTF-8 at once",
    "6.4.1",
    failing(1007, ({ opcode }) => opcode === 0),
    "OK",
    "OK",
  ],
  [
    "fails text that is not UTF-8 at the end of the message",
    "6.4.1",
    failing(1007, ({ opcode, final }) => opcode === 0 && final),
    "NON-STRICT",
    "OK",
  ],
  [
    "fails the valid beginning of a text",
    "6.4.1",
    failing(1007, () => true),
    "FAILED",
    "OK",
  ],
  [
    "answers an empty CLOSE with another code",
    "7.3.1",
    (_frame, peer) => peer.sendClose(1001),
    "FAILED",
    "WRONG CODE",
  ],
  [
    "echoes an invalid close code",
    "7.9.2",
    (frame, peer) => peer.send("close", frame.payload),
    "FAILED",
    "WRONG CODE",
  ],
  [
    "ends TCP after an invalid close code",
    "7.9.2",
    (_frame, peer) => peer.end(),
    "OK",
    "OK",
  ],
  [
    "answers a message after CLOSE",
    "7.1.4",
    (() => {
      let closing: Uint8Array | undefined;
      return (frame, peer) => {
        if (frame.opcode === CLOSE) closing = frame.payload;
        else {
          peer.send(1, frame.payload);
          peer.send("close", closing!);
        }
      };
    })(),
    "FAILED",
    "OK",
  ],
  ["answers a large message, then CLOSE", "7.1.6", echoing(), ...INFO()],
  ["ends TCP", "7.13.1", (_frame, peer) => peer.end(), ...INFO()],
  ["echoes a large message", "9.1.1", echoing(), "OK", "OK"],
  [
    "echoes a large message with other content",
    "9.1.1",
    (frame, peer) =>
      frame.opcode === 1
        ? peer.send(1, "x".repeat(frame.payload.length))
        : echoing()(frame, peer),
    "OK",
    "OK",
  ],
  [
    "loses a byte of a large message",
    "9.1.1",
    (frame, peer) =>
      frame.opcode === 1
        ? peer.send(1, frame.payload.subarray(1))
        : echoing()(frame, peer),
    "FAILED",
    "OK",
  ],
  [
    "echoes a large message, and sends another one",
    "9.1.1",
    (frame, peer) => {
      echoing()(frame, peer);
      if (frame.opcode === 1) peer.send(1, "more");
    },
    "OK",
    "OK",
  ],
  [
    "sends a message of its own after the last echo",
    "9.7.2",
    (frame, peer) => {
      if (frame.opcode === CLOSE) peer.send(1, "more");
      echoing()(frame, peer);
    },
    "FAILED",
    "OK",
  ],
  ["echoes 1000 messages", "9.7.2", echoing(), "OK", "OK"],
  [
    "closes during the round trips",
    "9.7.2",
    (() => {
      let count = 0;
      return (frame, peer) =>
        ++count === 500 ? peer.sendClose(1000) : echoing()(frame, peer);
    })(),
    "FAILED",
    "FAILED",
  ],
  ["does not compress", "12.1.1", echoing(), "UNIMPLEMENTED", "OK"],
  [
    "closes as a server, and ends TCP",
    "1.2.1",
    (frame, peer) => {
      echoing()(frame, peer);
      if (frame.opcode === CLOSE) peer.end();
    },
    "OK",
    "OK",
    { role: "client" },
  ],
  [
    "closes as a server, and does not end TCP",
    "2.2",
    echoing(),
    "OK",
    "UNCLEAN",
    { role: "client" },
  ],
  [
    "does not end TCP as a server after the engine's failure",
    "3.1",
    failing(1002, ({ rsv }) => rsv > 0),
    "OK",
    "FAILED BY CLIENT",
    { role: "client" },
  ],
];

function INFO(): readonly ["INFORMATIONAL", "INFORMATIONAL"] {
  return ["INFORMATIONAL", "INFORMATIONAL"];
}

for (
  const [what, id, answer, behavior, behaviorClose, options] of VERDICTS
) {
  const name = `${id}: ${behavior} and ${behaviorClose} when the peer ${what}`;
  Deno.test(`runCase() ${name}`, async () => {
    const { result, peer } = await play(id, answer, options);
    assertEquals(verdictOf(result), [behavior, behaviorClose]);
    assertMatch(result.result, /^[A-Z].*\.$/);
    assertMatch(result.resultClose, /^[A-Z].*\.$/);
    assert(peer.isClosed);
  });
}

Deno.test("runCase() 1.1.2: OK when the process is stopped for longer than the time limit", async () => {
  const answer = echoing();
  const { result } = await play("1.1.2", (frame, peer) => {
    if (frame.opcode === CLOSE) return answer(frame, peer);
    for (const end = performance.now() + 1200; performance.now() < end;);
    // The limit of a second is due before this.
    setTimeout(() => answer(frame, peer), 10);
  });
  assertEquals(verdictOf(result), ["OK", "OK"]);
});

Deno.test(
  "runCase() sends a second PING of 5.19 only after the first PONG",
  repeated(async () => {
    const order: string[] = [];
    const answer = echoing();
    const { result } = await play("5.19", (frame, peer) => {
      order.push(`${frame.opcode}`);
      answer(frame, peer);
    });
    assertEquals(verdictOf(result), ["OK", "OK"]);
    assertEquals(order.join(" "), "1 0 9 0 0 9 0 8");
    // Without the PONG it is a second.
    assert(result.duration < 500, `${result.duration} ms`);
  }),
);

/** The writes without the answer to the peer's CLOSE. */
function writesOf(peer: Peer): Uint8Array[] {
  return peer.writes.filter(([first]) => first !== 0x88);
}

Deno.test("runCase() joins the frames of 5.9 to one write", async () => {
  const { peer } = await play("5.9", failing(1002, () => true));
  assertEquals(writesOf(peer).length, 1);
  assertEquals(peer.frames.slice(0, 2).map(({ opcode }) => opcode), [0, 1]);
});

Deno.test("runCase() writes the frames of 5.10 one by one", async () => {
  const { peer } = await play(
    "5.10",
    failing(1002, ({ opcode }) => opcode === 1),
  );
  assertEquals(writesOf(peer).length, 2);
});

Deno.test("runCase() writes the frames of 5.11 byte by byte", async () => {
  const { peer } = await play(
    "5.11",
    failing(1002, ({ opcode }) => opcode === 1),
  );
  assert(peer.writes.every(({ length }) => length === 1));
  assertEquals(peer.writes.length, 2 + 24 + 2 + 13);
});

Deno.test("runCase() ends 6.2.3 with an empty fragment, as the suite", async () => {
  const { peer } = await play("6.2.3", echoing());
  const fragments = peer.frames.filter(({ opcode }) => opcode < 2);
  const text = new TextEncoder().encode("Hello-µ@ßöäüàá-UTF-8!!");
  assertEquals(fragments.map(({ payload }) => payload.length), [
    ...Array.from(text, () => 1),
    0,
  ]);
});

Deno.test("runCase() sends 10.1.1 in 51 frames", async () => {
  const { result } = await play("10.1.1", echoing());
  assertEquals(result.statistics.txFrameStats, { "0": 50, "1": 1, "8": 1 });
});

Deno.test("runCase() logs frames, bytes, limits and the end with times", async () => {
  const { result } = await play("2.2", echoing());
  const log = result.wireLog.map((entry) => {
    switch (entry.kind) {
      case "frame":
        return `${entry.sent ? "TF" : "RF"} ${entry.opcode} ${entry.length}`;
      case "octets":
        return `${entry.sent ? "TO" : "RO"} ${entry.length}`;
      case "limit":
        return `limit ${entry.action} ${entry.seconds}`;
      case "end":
        return `end by ${entry.by}`;
      default:
        return entry.kind;
    }
  });
  assertEquals(log, [
    ...["TF 9 13", "limit close 1", "TO 15", "RO 19", "RF 10 13"],
    ...["TF 8 2", "TO 4", "RO 8", "RF 8 2", "end by engine"],
  ]);
  const times = result.wireLog.map(({ at }) => at);
  assertEquals(times, times.toSorted((a, b) => a - b));
  const pong = result.wireLog.find((entry) =>
    entry.kind === "frame" && !entry.sent
  );
  if (pong?.kind !== "frame") throw new Error("no PONG");
  assertMatch(pong.mask!, /^[0-9a-f]{8}$/);
  assertEquals(pong.head, new TextEncoder().encode("Hello, world!").toHex());
});

Deno.test("runCase() keeps 64 bytes of a payload, and 512 entries", async () => {
  const { result } = await play("1.1.7", echoing());
  assertEquals(result.received, [{
    kind: "message",
    opcode: "text",
    length: 65_536,
    head: "2a".repeat(64),
  }]);
  const { result: { wireLog, omitted } } = await play("1.1.2", flooding());
  assertEquals([wireLog.length, omitted > 0], [512, true]);
});

/** Sends a thousand PONGs, then answers. */
function flooding(): Answer {
  const echo = echoing();
  let sent = false;
  return (frame, peer) => {
    for (let i = 0; !sent && i < 1000; i++) peer.send("pong", `${i}`);
    sent = true;
    echo(frame, peer);
  };
}

Deno.test("runCase() keeps the head in front of the first frame", async () => {
  const head = new TextEncoder().encode("HTTP/1.1 101 …");
  const peer = new Peer("server", () => {});
  const run = runCase({
    case: CASES[0]!,
    agent: "peer",
    role: "server",
    duplex: peer,
    deflate: undefined,
    httpRequest: "",
    httpResponse: "",
    head,
  });
  peer.end();
  await run;
  assertEquals(peer.writes[0]?.subarray(0, head.length), head);
});

Deno.test("runCase() handles bytes after the handshake", async () => {
  const { result } = await play("1.1.1", () => {}, {
    role: "client",
    run: {
      received: Uint8Array.of(0x81, 0x00, 0x88, 0x02, 0x03, 0xe8),
    },
  });
  assertEquals(result.received.length, 1);
});

Deno.test("runCase() gives its memory back", async () => {
  let charged = 0;
  let most = 0;
  await play("12.1.3", echoing(), {
    run: {
      charge(bytes) {
        charged += bytes;
        most = Math.max(most, charged);
      },
    },
  });
  assertEquals(charged, 0);
  assert(most > 0);
});

Deno.test("runCase() counts messages and fragments in both directions", async () => {
  const counted = { received: [0, 0], sent: [0, 0] };
  await play("5.6", echoing(), {
    run: {
      count(direction, bytes, endsMessage) {
        counted[direction][0]! += bytes;
        if (endsMessage) counted[direction][1]!++;
      },
    },
  });
  assertEquals(counted, { received: [18, 1], sent: [18, 1] });
});

/** Plays a case that the service ends when the first frame is sent. */
function interrupted(reason: WireClosing): Promise<unknown> {
  const closing = new AbortController();
  return play("1.1.1", (frame, peer) => {
    if (frame.opcode === 1) closing.abort(reason);
    else echoing()(frame, peer);
  }, { run: { closing: closing.signal } }).then(({ result, peer }) => ({
    result: result as unknown === undefined ? undefined : verdictOf(result),
    close: peer.frames.find(({ opcode }) => opcode === CLOSE)?.payload.toHex(),
  }));
}

Deno.test("runCase() has no result when the service shuts down", async () => {
  assertEquals(await interrupted({ code: 1001, reason: "bye" }), {
    result: undefined,
    close: "03e9" + new TextEncoder().encode("bye").toHex(),
  });
});

Deno.test("runCase() has a result when the connection breaks", async () => {
  assertEquals(await interrupted({ code: 1006, reason: "" }), {
    result: ["FAILED", "FAILED"],
    close: undefined,
  });
});

Deno.test("runCase() reads nothing while a thousand PONGs wait", async () => {
  const written = Promise.withResolvers<void>();
  let reads = 0;
  const pings = Uint8Array.from(
    Array.from({ length: 200 }, () => [0x89, 0x80, 0, 0, 0, 0]).flat(),
  );
  const run = runCase({
    case: CASES[0]!,
    agent: "peer",
    role: "server",
    duplex: {
      read: () => Promise.resolve(reads++ < 50 ? pings.slice() : undefined),
      write: () => written.promise,
      close: () => written.reject(new Error("closed")),
    },
    deflate: undefined,
    httpRequest: "",
    httpResponse: "",
  });
  // The case fails the connection after a second, and ends it after another.
  const result = await run;
  assert(reads <= 7, `${reads} reads`);
  assertEquals(result!.behavior, "FAILED");
});

Deno.test("runCase() has a verdict for any bytes", async () => {
  let seed = 1;
  const random = (limit: number) => {
    seed = Math.imul(seed, 48_271) >>> 0;
    return seed % limit;
  };
  for (let i = 0; i < 300; i++) {
    const testCase = CASES[random(CASES.length)]!;
    const chunks = Array.from(
      { length: random(5) },
      // Half of the bytes begin frames with a mask.
      () =>
        Uint8Array.from(
          { length: 1 + random(200) },
          (_, at) => at % 8 === 0 ? 0x80 | random(16) : random(256),
        ),
    );
    let charged = 0;
    const result = await runCase({
      case: testCase,
      agent: "peer",
      role: i % 2 === 0 ? "server" : "client",
      duplex: {
        read: () => Promise.resolve(chunks.shift()),
        write: () => Promise.resolve(),
        close() {},
      },
      deflate: i % 3 === 0
        ? {
          serverNoContextTakeover: false,
          clientNoContextTakeover: i % 6 === 0,
          serverMaxWindowBits: undefined,
          clientMaxWindowBits: 9,
        }
        : undefined,
      httpRequest: "",
      httpResponse: "",
      charge: (bytes) => charged += bytes,
    });
    assert(result !== undefined && charged === 0, testCase.id);
  }
});
