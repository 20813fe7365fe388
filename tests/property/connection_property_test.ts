import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { echo } from "../../handlers/echo/echo.ts";
import { frames } from "../../handlers/frames/frames.ts";
import { FrameConnection } from "../../lib/frame/connection/connection.ts";
import {
  bufferPool,
  MIN_BUFFER,
} from "../../lib/frame/transport/buffer_pool.ts";
import { ConnSocket } from "../../lib/frame/transport/socket.ts";
import { setupLog } from "../../lib/log/log.ts";
import { Deadlines } from "../../lib/scheduling/deadlines.ts";
import { hasWaitingWork, nextSlice } from "../../lib/scheduling/scheduler.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
import { WorkQueue } from "../../lib/work_queue.ts";
import {
  type Bytes,
  closePayload,
  concat,
  frame,
  OPCODE,
  toBytes,
  type WireFrame,
} from "../conformance/wire.ts";
import { FakeConn } from "../lib/frame/fake_conn.ts";
import { runs } from "../long.ts";
import { serviceOf } from "../service.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

setupLog({ level: "CRITICAL", format: "text", colors: false });

const RUNS = runs(1500, 6000);

// The client's frames.

interface ClientFrame extends WireFrame {
  readonly key: Uint8Array;
}

/** Bytes of a message: every form of the length, and around the sizes of buffers. */
const size = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 0, max: 130 }) },
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 10, arbitrary: fc.integer({ min: 480, max: 520 }) },
  { weight: 5, arbitrary: fc.integer({ min: 990, max: 1040 }) },
  { weight: 1, arbitrary: fc.constant(70_000) },
);

const ASCII = toBytes("The quick brown fox jumps over the lazy dog. ");
const MULTI_BYTE = toBytes("aß€😀");

/** The first bytes of an endless text, without a cut-off character. */
function textOf(unit: Bytes, length: number): Bytes {
  const bytes = Uint8Array.from({ length }, (_, i) => unit[i % unit.length]!);
  let end = length;
  while (end > 0 && unit[end % unit.length]! >> 6 === 0b10) end--;
  return bytes.subarray(0, end);
}

const payload = fc.tuple(
  fc.constantFrom("ascii", "multi-byte", "binary"),
  size,
  fc.nat(255),
).map(([kind, length, seed]) => {
  switch (kind) {
    case "ascii":
      return { opcode: OPCODE.text as number, bytes: textOf(ASCII, length) };
    case "multi-byte":
      return { opcode: OPCODE.text, bytes: textOf(MULTI_BYTE, length) };
    default:
      return {
        opcode: OPCODE.binary,
        bytes: Uint8Array.from({ length }, (_, i) => (seed + i) * 167 >> 3),
      };
  }
});

const key = fc.uint8Array({ minLength: 4, maxLength: 4 });

const ping: fc.Arbitrary<ClientFrame> = fc.record({
  opcode: fc.constant(OPCODE.ping),
  final: fc.constant(true),
  payload: fc.uint8Array({ maxLength: 125, size: "small" }),
  key,
});

/** A message in one frame or in fragments, with PINGs between them. */
const message: fc.Arbitrary<ClientFrame[]> = fc.record({
  payload,
  cuts: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(), { maxLength: 3 }) },
  ),
  pings: fc.array(fc.option(ping, { freq: 4 }), { minLength: 1, maxLength: 4 }),
  key,
}).map(({ payload: { opcode, bytes }, cuts, pings, key }) => {
  const bounds = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return bounds.slice(1).flatMap((end, i) => {
    const fragment: ClientFrame = {
      opcode: i === 0 ? opcode : OPCODE.continuation,
      final: i === bounds.length - 2,
      payload: bytes.subarray(bounds[i], end),
      key: key.map((byte) => byte + i),
    };
    const before = pings[i % pings.length];
    return before ? [before, fragment] : [fragment];
  });
});

const CLOSE: ClientFrame = {
  opcode: OPCODE.close,
  final: true,
  payload: closePayload(1000, "bye"),
  key: Uint8Array.of(1, 2, 3, 4),
};

/** Messages, then CLOSE. */
const conversation = fc.array(message, { minLength: 1, maxLength: 10 })
  .map((messages) => [...messages.flat(), CLOSE]);

// The reads and writes.

const chunkSize = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 2000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 496, max: 528 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1008, max: 1040 }) },
  { weight: 1, arbitrary: fc.integer({ min: 8176, max: 8208 }) },
);

/** Sizes of the chunks, repeated. */
const chunkSizes = fc.oneof(
  { weight: 1, arbitrary: fc.constant([1]) },
  { weight: 2, arbitrary: fc.constant([Infinity]) },
  {
    weight: 9,
    arbitrary: fc.array(chunkSize, { minLength: 1, maxLength: 8 }),
  },
);

/** Additional cuts: for every frame, after its header or not. */
const headerCuts = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });

/** Bytes of a write at most, repeated. */
const writeSizes = fc.oneof(
  { weight: 2, arbitrary: fc.constant([Infinity]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.integer({ min: 1, max: 600 }), {
      minLength: 1,
      maxLength: 5,
    }),
  },
);

interface Script {
  readonly sent: readonly ClientFrame[];
  readonly chunkSizes: readonly number[];
  readonly headerCuts: readonly boolean[];
  readonly writeSizes: readonly number[];
  /** Bytes of the request head in the buffer. */
  readonly head: number;
  /** Whether the first chunk arrived with the head. */
  readonly early: boolean;
}

const script: fc.Arbitrary<Script> = fc.record({
  sent: conversation,
  chunkSizes,
  headerCuts,
  writeSizes,
  head: fc.integer({ min: 150, max: MIN_BUFFER }),
  early: fc.boolean(),
});

/** Limits the number of chunks, which makes the test slow. */
const MAX_CHUNKS = 600;

function chunksOf({ sent, chunkSizes, headerCuts }: Script): Bytes[] {
  const encoded = sent.map(({ opcode, final, payload, key }) =>
    frame(opcode, payload, { final, mask: key })
  );
  const bytes = concat(...encoded);
  const cuts = new Set([bytes.length]);
  let at = 0;
  for (const [i, frame] of encoded.entries()) {
    const header = frame.length - sent[i]!.payload.length;
    if (headerCuts[i % headerCuts.length]) cuts.add(at + header);
    at += frame.length;
  }
  const least = bytes.length / MAX_CHUNKS;
  at = 0;
  for (let i = 0; at < bytes.length; i++) {
    at += Math.max(chunkSizes[i % chunkSizes.length]!, least | 0, 1);
    if (at < bytes.length) cuts.add(at);
  }
  let start = 0;
  return [...cuts].sort((a, b) => a - b).map((end) => {
    const chunk = bytes.subarray(start, end);
    start = end;
    return chunk;
  }).filter(({ length }) => length > 0);
}

// The expected output.

const RESPONSE = toBytes("HTTP/1.1 101 Switching Protocols\r\n\r\n");

function answers(handler: WebSocketHandler, sent: readonly WireFrame[]): Bytes {
  const runs: Bytes[] = [RESPONSE];
  let fragments: WireFrame[] = [];
  const send = (opcode: number, payload: Uint8Array, final = true) =>
    runs.push(frame(opcode, payload, { final, mask: "none" }));
  for (const { opcode, payload, final } of sent) {
    if (opcode === OPCODE.ping) send(OPCODE.pong, payload);
    else if (opcode === OPCODE.close) send(OPCODE.close, payload);
    else if (handler.receive === "frame") send(opcode, payload, final);
    else {
      fragments.push({ opcode, payload, final });
      if (!final) continue;
      const whole = concat(...fragments.map(({ payload }) => payload));
      send(fragments[0]!.opcode, whole);
      fragments = [];
    }
  }
  return concat(...runs);
}

// Connections.

const service = serviceOf({
  workQueue: new WorkQueue({
    onError(error) {
      throw error;
    },
  }),
  limits: {
    maxPayload: 2 ** 20,
    maxFragments: Infinity,
    sendBufferLimit: 2 ** 20,
    idleTimeout: 0,
    handshakeTimeout: 10_000,
    sendTimeout: 0,
    closeTimeout: 10_000,
  },
  compression: false,
});

/** A connection that plays a script. */
class Player {
  readonly conn = new FakeConn();
  readonly connection: FrameConnection;
  readonly expected: Bytes;
  closedCalls = 0;
  readonly #chunks: Bytes[];
  readonly #writeSizes: readonly number[];
  #writes = 0;
  #ended = false;

  constructor(
    handler: WebSocketHandler,
    script: Script,
    closings: Deadlines<FrameConnection>,
  ) {
    this.conn.holdsWrites = true;
    this.#chunks = chunksOf(script);
    this.#writeSizes = script.writeSizes;
    this.expected = answers(handler, script.sent);
    const buffer = bufferPool.take(MIN_BUFFER);
    const start = buffer.offset + script.head;
    let end = start;
    const [first] = this.#chunks;
    if (script.early && first!.length <= MIN_BUFFER - script.head) {
      buffer.memory.bytes.set(first!, start);
      end += first!.length;
      this.#chunks.shift();
    }
    this.connection = new FrameConnection(service, "1", {
      socket: new ConnSocket(this.conn),
      path: "/",
      params: {},
      handler,
      head: { text: "", origin: "" },
      protocol: "",
      compression: undefined,
      state: undefined,
      response: RESPONSE.slice(),
      buffer,
      start,
      end,
      closings,
      finished: closings,
      addressSlot: undefined,
      onClosed: () => void this.closedCalls++,
    });
    this.connection.opened();
  }

  /** The possible next steps of the runtime. */
  get steps(): (() => void)[] {
    const steps: (() => void)[] = [];
    if (this.conn.isWriting) steps.push(this.#write);
    if (this.conn.isReading && !this.#ended) steps.push(this.#read);
    return steps;
  }

  #write = (): void => {
    const size = this.#writeSizes[this.#writes++ % this.#writeSizes.length]!;
    // Small writes of a large output would take too long.
    this.conn.release(Math.max(size, this.conn.writeLength >> 4));
  };

  #read = (): void => {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return this.conn.arrive(chunk);
    this.#ended = true;
    this.conn.arriveEnd();
  };

  /** Compares the output and the events with the expected ones. */
  check(): void {
    assertEquals(this.conn.faults, []);
    assertEqualBytes(this.conn.written, this.expected);
    assertEquals([this.conn.halfCloses, this.conn.closes], [1, 1]);
    assertEquals(this.closedCalls, 1);
  }
}

function assertEqualBytes(actual: Bytes, expected: Bytes): void {
  const { length } = expected;
  for (let at = 0; at < Math.max(actual.length, length); at++) {
    if (actual[at] === expected[at]) continue;
    const near = (bytes: Bytes) => bytes.subarray(at, at + 12).toHex();
    throw new Error(
      `byte ${at} of ${actual.length}, which should be ${length}: ` +
        `${near(actual)} in place of ${near(expected)}`,
    );
  }
}

/** Microtasks between a settled operation and its effects, and some more. */
const TICKS = 6;

/** Plays until no step is possible. */
async function play(
  players: readonly Player[],
  choices: readonly number[],
): Promise<void> {
  for (let i = 0;; i++) {
    for (let tick = 0; tick < TICKS; tick++) await null;
    const steps = players.flatMap((player) => player.steps);
    if (steps.length === 0 && hasWaitingWork()) {
      await nextSlice();
      continue;
    }
    if (steps.length === 0) return;
    steps[choices[i % choices.length]! % steps.length]!();
  }
}

const choices = fc.array(fc.nat(11), { minLength: 1, maxLength: 40 });

for (
  const [name, handlers] of Object.entries({
    "/ws": [echo, echo],
    "/frames": [frames, frames],
    "/ws and /frames": [echo, frames],
  })
) {
  Deno.test(`FrameConnection: ${name} answers every frame in order, for any chunks and with another connection`, async () => {
    const closes = new Deadlines<FrameConnection>(10_000, () => {});
    await fc.assert(
      fc.asyncProperty(script, script, choices, async (a, b, choices) => {
        const players = [a, b].map((script, i) =>
          new Player(handlers[i]!, script, closes)
        );
        try {
          await play(players, choices);
          for (const player of players) player.check();
        } finally {
          for (const { connection } of players) connection.destroy();
        }
      }),
      { numRuns: RUNS / 3 },
    );
    closes.clear();
  });
}
