import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { FIN } from "../../../../lib/frame/codec/header.ts";
import type { Memory } from "../../../../lib/frame/codec/memory.ts";
import {
  bufferPool,
  MIN_BUFFER,
  type ReceiveBuffer,
} from "../../../../lib/frame/transport/buffer_pool.ts";
import { ConnSocket } from "../../../../lib/frame/transport/socket.ts";
import { MemoryAccount } from "../../../../lib/memory/account.ts";
import {
  Transport,
  type TransportUser,
} from "../../../../lib/frame/transport/transport.ts";
import { type Bytes, FakeConn, quiet } from "../fake_conn.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const BINARY = FIN | 2;

/** Bytes that do not repeat at a power of two. */
function pattern(length: number, from = 0): Bytes {
  return Uint8Array.from({ length }, (_, i) => ((from + i) * 167) >> 3);
}

function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

type Received = TransportUser["received"];

interface Options {
  /** Handles bytes; by default it consumes them. */
  readonly received?: Received;
  /** The first buffer. */
  readonly buffer?: ReceiveBuffer;
  /** The bytes behind the head. */
  readonly behindHead?: string;
}

/** A transport on a fake connection, and a record of its events. */
class Fixture implements TransportUser, Disposable {
  readonly conn = new FakeConn();
  readonly memory = new MemoryAccount(2 ** 30);
  readonly transport: Transport;
  /** The bytes of every input. */
  readonly inputs: Bytes[] = [];
  missing = 0;
  inputEnds = 0;
  /** The bytes that were written at each `drained`. */
  readonly drains: string[] = [];
  closedCalls = 0;
  #consume: Received;

  constructor(options: Options = {}) {
    const { buffer = bufferPool.take(MIN_BUFFER), behindHead = "" } = options;
    this.#consume = options.received ?? ((_memory, _start, end) => end);
    const start = buffer.offset + 100;
    const bytes = bytesOf(behindHead);
    buffer.memory.bytes.set(bytes, start);
    const end = start + bytes.length;
    this.transport = new Transport(
      new ConnSocket(this.conn),
      this,
      buffer,
      start,
      end,
      this.memory.open(undefined),
    );
  }

  /** The inputs as text. */
  get texts(): string[] {
    return this.inputs.map(textOf);
  }

  /** The written bytes as text. */
  get written(): string {
    return textOf(this.conn.written);
  }

  /** Queues bytes without a header. */
  append(text: string): void {
    this.transport.output.appendRaw(bytesOf(text));
  }

  /** Starts, and waits until nothing happens any more. */
  async start(): Promise<void> {
    this.transport.start();
    await quiet();
  }

  /** Bytes arrive; waits until nothing happens any more. */
  async arrive(bytes: string | Bytes): Promise<void> {
    this.conn.arrive(typeof bytes === "string" ? bytesOf(bytes) : bytes);
    await quiet();
  }

  received(memory: Memory, start: number, end: number): number {
    this.inputs.push(memory.bytes.slice(start, end));
    return this.#consume(memory, start, end);
  }

  echoed(): void {}

  inputEnded(): void {
    this.inputEnds++;
  }

  drained(): void {
    this.drains.push(this.written);
  }

  closed(): void {
    this.closedCalls++;
  }

  [Symbol.dispose](): void {
    this.transport.destroy();
    assertEquals(this.conn.faults, []);
    assertEquals(this.closedCalls, 1);
    assertEquals(this.conn.closes, 1);
  }
}

/** Echoes each input as one frame, from where it lies. */
function echo(fixture: () => Fixture): Received {
  return (memory, start, end) => {
    const { output } = fixture().transport;
    assert(output.extendRun(memory.bytes, BINARY, start, end));
    return end;
  };
}

/** Whether a buffer was given back: it is the next one of its size. */
function isFree(buffer: ReceiveBuffer): boolean {
  const next = bufferPool.take(buffer.size);
  bufferPool.give(next);
  return next === buffer;
}

Deno.test("Transport.start() reads into the whole buffer when nothing has arrived", async () => {
  using fixture = new Fixture();
  await fixture.start();
  assertEquals(fixture.conn.readBuffer.length, MIN_BUFFER);
  assertEquals(fixture.inputs, []);
});

Deno.test("Transport.start() presents the bytes behind the head before it reads", async () => {
  using fixture: Fixture = new Fixture({
    behindHead: "early",
    received(_memory, _start, end) {
      assertEquals(fixture.conn.isReading, false);
      return end;
    },
  });
  await fixture.start();
  assertEquals(fixture.texts, ["early"]);
  assertEquals(fixture.conn.isReading, true);
});

Deno.test("Transport.start() writes the output that was queued before", async () => {
  using fixture = new Fixture();
  fixture.append("101");
  fixture.transport.flushSoon();
  await fixture.start();
  assertEquals(fixture.written, "101");
});

Deno.test("Transport presents each read separately", async () => {
  using fixture = new Fixture();
  await fixture.start();
  await fixture.arrive("a");
  await fixture.arrive("bc");
  await fixture.arrive("def");
  assertEquals(fixture.texts, ["a", "bc", "def"]);
});

Deno.test("Transport presents bytes that were not consumed again, with the next ones", async () => {
  let left = 0;
  using fixture = new Fixture({
    received: (_memory, _start, end) => end - left,
  });
  await fixture.start();
  left = 2;
  await fixture.arrive("abc");
  left = 5;
  await fixture.arrive("def");
  left = 0;
  await fixture.arrive("g");
  await fixture.arrive("h");
  assertEquals(fixture.texts, ["abc", "bcdef", "bcdefg", "h"]);
});

Deno.test("Transport keeps bytes that were not consumed when they fill a buffer", async () => {
  let left = Infinity;
  using fixture = new Fixture({
    received: (_memory, start, end) => Math.max(start, end - left),
  });
  await fixture.start();
  const bytes = pattern(20_000);
  for (let at = 0; at < bytes.length; at += 500) {
    await fixture.arrive(bytes.subarray(at, at + 500));
  }
  assertEquals(fixture.inputs.at(-1), bytes);
  left = 0;
  await fixture.arrive("end");
  assertEquals(
    fixture.inputs.at(-1),
    Uint8Array.of(...bytes, ...bytesOf("end")),
  );
  await fixture.arrive("next");
  assertEquals(fixture.texts.at(-1), "next");
});

Deno.test("Transport writes the output of an input when the input is handled", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, _start, end) {
      fixture.append("one ");
      fixture.transport.flushSoon();
      fixture.append("two");
      fixture.transport.flushSoon();
      assertEquals(fixture.conn.isWriting, false);
      assertEquals(fixture.transport.isReceiving, true);
      return end;
    },
  });
  await fixture.start();
  await fixture.arrive("x");
  assertEquals(fixture.transport.isReceiving, false);
  assertEquals(fixture.conn.writes, [7]);
  assertEquals(fixture.written, "one two");
});

Deno.test("Transport writes a run of frames from the receive buffer", async () => {
  using fixture: Fixture = new Fixture({
    received: (memory, start, end) =>
      echo(() => fixture)(memory, start + 6, end),
  });
  await fixture.start();
  await fixture.arrive("header" + "payload");
  assertEquals(
    fixture.conn.written,
    Uint8Array.of(BINARY, 7, ...bytesOf("payload")),
  );
});

Deno.test("Transport reads nothing while a write is pending", async () => {
  using fixture: Fixture = new Fixture({
    received: (memory, start, end) =>
      echo(() => fixture)(memory, start + 6, end),
  });
  fixture.conn.holdsWrites = true;
  await fixture.start();
  await fixture.arrive("header" + "a");
  assertEquals(fixture.conn.isReading, false);
  await fixture.arrive("header" + "b");
  assertEquals(fixture.inputs.length, 1);
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.texts, ["headera", "headerb"]);
  assertEquals(fixture.conn.isReading, false);
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.conn.isReading, true);
});

Deno.test("Transport reads nothing while a part of a write is pending", async () => {
  using fixture: Fixture = new Fixture({
    received: (memory, start, end) =>
      echo(() => fixture)(memory, start + 6, end),
  });
  fixture.conn.holdsWrites = true;
  await fixture.start();
  await fixture.arrive("header" + "payload");
  for (let left = 9; left > 0; left--) {
    assertEquals(fixture.conn.isReading, false);
    assertEquals(fixture.transport.output.length, left);
    assertEquals(fixture.conn.writeLength, left);
    fixture.conn.release(1);
    await quiet();
  }
  assertEquals(fixture.conn.isReading, true);
  assertEquals(fixture.transport.output.length, 0);
});

Deno.test("Transport completes partial writes in order", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.append("0123456789");
  fixture.transport.flushSoon();
  await quiet();
  for (const count of [3, 1, 4]) {
    fixture.conn.release(count);
    await quiet();
    fixture.append("x");
    fixture.transport.flushSoon();
  }
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.written, "0123456789");
  assertEquals(fixture.conn.writeLength, 3);
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.written, "0123456789xxx");
  assertEquals(fixture.conn.writes, [3, 1, 4, 2, 3]);
});

Deno.test("Transport handles a read that began before the write, and writes in order", async () => {
  using fixture: Fixture = new Fixture({
    received: (memory, start, end) =>
      echo(() => fixture)(memory, start + 6, end),
  });
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.append("first ");
  fixture.transport.flushSoon();
  await quiet();
  assertEquals([fixture.conn.isReading, fixture.conn.isWriting], [true, true]);
  await fixture.arrive("header" + "second");
  assertEquals(fixture.texts, ["headersecond"]);
  fixture.append(" third");
  fixture.transport.flushSoon();
  await quiet();
  assertEquals(fixture.conn.isReading, false);
  while (fixture.conn.isWriting) {
    assertEquals(fixture.conn.isReading, false);
    fixture.conn.release(4);
    await quiet();
  }
  assertEquals(
    fixture.conn.written,
    Uint8Array.of(
      ...bytesOf("first "),
      BINARY,
      6,
      ...bytesOf("second"),
      ...bytesOf(" third"),
    ),
  );
  assertEquals(fixture.conn.isReading, true);
});

Deno.test("Transport.flushSoon() writes output of one event in one write", async () => {
  using fixture = new Fixture();
  await fixture.start();
  for (const word of ["one ", "two ", "three"]) {
    fixture.append(word);
    fixture.transport.flushSoon();
  }
  assertEquals(fixture.conn.writes, []);
  await quiet();
  assertEquals(fixture.conn.writes, [13]);
  fixture.append(" four");
  fixture.transport.flushSoon();
  await quiet();
  assertEquals(fixture.written, "one two three four");
});

Deno.test("Transport.flushSoon() during a write writes the rest in one write", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  for (const word of ["one ", "two ", "three"]) {
    fixture.append(word);
    fixture.transport.flushSoon();
    await quiet();
  }
  assertEquals(fixture.transport.output.length, 13);
  fixture.conn.release();
  await quiet();
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.conn.writes, [4, 9]);
  assertEquals(fixture.transport.output.length, 0);
});

Deno.test("Transport.flushSoon() without output writes nothing", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.flushSoon();
  await quiet();
  assertEquals(fixture.conn.writes, []);
});

Deno.test("Transport.pause() during an input stops reading, not writing", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, _start, end) {
      fixture.transport.pause();
      fixture.append("answer");
      return end;
    },
  });
  await fixture.start();
  await fixture.arrive("x");
  assertEquals(fixture.written, "answer");
  assertEquals(fixture.conn.isReading, false);
  assertEquals(fixture.transport.isIdle, false);
  fixture.append(" later");
  fixture.transport.flushSoon();
  await quiet();
  assertEquals(fixture.written, "answer later");
  assertEquals(fixture.conn.isReading, false);
});

Deno.test("Transport.resume() presents the rest without a read", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, start) {
      fixture.transport.pause();
      return start + 1;
    },
  });
  await fixture.start();
  await fixture.arrive("abc");
  for (const text of ["bc", "c"]) {
    fixture.transport.resume();
    await quiet();
    assertEquals(fixture.texts.at(-1), text);
    assertEquals(fixture.conn.isReading, false);
  }
  fixture.transport.resume();
  await quiet();
  assertEquals(fixture.inputs.at(-1)?.length, 0);
});

Deno.test("Transport.resume() reads again", async () => {
  let pauses = true;
  using fixture: Fixture = new Fixture({
    received(_memory, _start, end) {
      if (pauses) fixture.transport.pause();
      return end;
    },
  });
  await fixture.start();
  await fixture.arrive("abc");
  pauses = false;
  fixture.transport.resume();
  await quiet();
  assertEquals(fixture.conn.isReading, true);
  await fixture.arrive("def");
  assertEquals(fixture.texts.at(-1), "def");
});

Deno.test("Transport.resume() presents the rest after a pending write", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, start) {
      fixture.transport.pause();
      fixture.append("answer");
      return start + 1;
    },
  });
  fixture.conn.holdsWrites = true;
  await fixture.start();
  await fixture.arrive("abc");
  fixture.transport.resume();
  await quiet();
  assertEquals(fixture.texts, ["abc"]);
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.texts, ["abc", "bc"]);
});

Deno.test("Transport.resume() after destroy() does nothing", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, start) {
      fixture.transport.pause();
      return start;
    },
  });
  await fixture.start();
  await fixture.arrive("abc");
  fixture.transport.destroy();
  fixture.transport.resume();
  await quiet();
  assertEquals(fixture.texts, ["abc"]);
});

Deno.test("Transport.stop() presents nothing, and reads nothing behind the pending read", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.stop();
  await fixture.arrive("abc");
  await fixture.arrive("def");
  assertEquals(fixture.texts, []);
  assertEquals(fixture.conn.isReading, false);
  fixture.transport.restart();
  assertEquals(fixture.texts, []);
  await quiet();
  assertEquals(fixture.texts, ["abc", "def"]);
  assertEquals(fixture.conn.isReading, true);
});

Deno.test("Transport.stop() before start() presents and reads nothing", async () => {
  using fixture = new Fixture({ behindHead: "abc" });
  fixture.transport.stop();
  fixture.append("hello");
  fixture.transport.flushSoon();
  await fixture.start();
  assertEquals([fixture.written, fixture.conn.isReading], ["hello", false]);
  assertEquals(fixture.texts, []);
  fixture.transport.restart();
  await quiet();
  assertEquals(fixture.texts, ["abc"]);
});

Deno.test("Transport.restart() in the input of a stop presents the rest", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, start, end) {
      if (start === end) return end;
      fixture.transport.stop();
      fixture.transport.restart();
      return start + 1;
    },
  });
  await fixture.start();
  await fixture.arrive("ab");
  assertEquals(fixture.texts, ["ab", "b", ""]);
});

Deno.test("Transport.restart() waits for a pause, and resume() for a stop", async () => {
  for (
    const [first, second] of [["restart", "resume"], [
      "resume",
      "restart",
    ]] as const
  ) {
    let halts = true;
    using fixture: Fixture = new Fixture({
      received(_memory, start, end) {
        if (!halts) return end;
        fixture.transport.pause();
        fixture.transport.stop();
        return start + 1;
      },
    });
    await fixture.start();
    await fixture.arrive("ab");
    halts = false;
    fixture.transport[first]();
    await quiet();
    assertEquals(fixture.texts, ["ab"]);
    assertEquals(fixture.conn.isReading, false);
    fixture.transport[second]();
    await quiet();
    assertEquals(fixture.texts, ["ab", "b"]);
    assertEquals(fixture.conn.isReading, true);
  }
});

Deno.test("Transport.restart() without a stop does nothing", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.restart();
  await quiet();
  assertEquals(fixture.inputs, []);
});

Deno.test("Transport.stop() does not keep a buffer from being given back", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  {
    using fixture = new Fixture({ buffer });
    await fixture.start();
    fixture.transport.stop();
    await fixture.arrive("abc");
  }
  assert(isFree(buffer));
});

Deno.test("Transport.end() reads the client's end during a stop", async () => {
  using fixture = new Fixture({ behindHead: "abc" });
  fixture.transport.stop();
  await fixture.start();
  fixture.transport.end();
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals([fixture.closedCalls, fixture.inputs.length], [1, 0]);
});

Deno.test("Transport.abort() writes everything, then closes without waiting for the client", async () => {
  using fixture = new Fixture();
  fixture.conn.writeLimit = 1;
  await fixture.start();
  fixture.append("abc");
  fixture.transport.abort();
  assertEquals(fixture.closedCalls, 0);
  await quiet();
  assertEquals(fixture.written, "abc");
  assertEquals(
    [fixture.conn.halfCloses, fixture.conn.closes, fixture.closedCalls],
    [0, 1, 1],
  );
});

Deno.test("Transport.abort() waits for the pending write", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.append("abc");
  fixture.transport.flushSoon();
  await quiet();
  fixture.append("def");
  fixture.transport.abort();
  await quiet();
  assertEquals(fixture.conn.closes, 0);
  fixture.conn.release();
  await quiet();
  fixture.conn.release();
  await quiet();
  assertEquals([fixture.written, fixture.conn.closes], ["abcdef", 1]);
});

Deno.test("Transport.abort() without output closes after the current event", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.abort();
  assertEquals(fixture.conn.closes, 0);
  await quiet();
  assertEquals([fixture.conn.closes, fixture.closedCalls], [1, 1]);
});

Deno.test("Transport.abort() during an input writes the output first", async () => {
  using fixture: Fixture = new Fixture({
    received(memory, start, end) {
      fixture.transport.output.extendRun(memory.bytes, BINARY, start + 6, end);
      fixture.transport.abort();
      return end;
    },
  });
  await fixture.start();
  await fixture.arrive("header" + "last");
  assertEquals(
    fixture.conn.written,
    Uint8Array.of(BINARY, 4, ...bytesOf("last")),
  );
  assertEquals(fixture.conn.closes, 1);
});

Deno.test("Transport.abort() closes during a pause and a stop", async () => {
  for (const halt of ["pause", "stop"] as const) {
    using fixture = new Fixture({ behindHead: "abc" });
    fixture.transport[halt]();
    await fixture.start();
    fixture.transport.abort();
    await quiet();
    assertEquals([fixture.conn.closes, fixture.inputs.length], [1, 0]);
    if (halt === "pause") fixture.transport.resume();
  }
});

Deno.test("Transport.abort() behind end() does not wait for the client's end", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.end();
  assertEquals([fixture.conn.halfCloses, fixture.conn.closes], [1, 0]);
  fixture.transport.abort();
  await quiet();
  assertEquals(fixture.conn.closes, 1);
});

Deno.test("Transport.isClosed is true after the end", async () => {
  using fixture = new Fixture();
  await fixture.start();
  assertEquals(fixture.transport.isClosed, false);
  fixture.transport.destroy();
  assertEquals(fixture.transport.isClosed, true);
});

Deno.test("Transport.isIdle is true while a read is pending, and during a stop", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, _start, end) {
      fixture.append("answer");
      return end;
    },
  });
  fixture.conn.holdsWrites = true;
  assertEquals(fixture.transport.isIdle, false);
  await fixture.start();
  assertEquals(fixture.transport.isIdle, true);
  await fixture.arrive("x");
  assertEquals(fixture.transport.isIdle, false);
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.transport.isIdle, true);
  fixture.transport.stop();
  await fixture.arrive("y");
  assertEquals(fixture.conn.isReading, false);
  assertEquals(fixture.transport.isIdle, true);
  fixture.transport.end();
  assertEquals(fixture.transport.isIdle, false);
});

Deno.test("Transport.idleSweeps is 0 after every read", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.idleSweeps = 3;
  await fixture.arrive("x");
  assertEquals(fixture.transport.idleSweeps, 0);
});

Deno.test("Transport.end() writes everything, half-closes, and waits for the client's end", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.append("good");
  fixture.transport.flushSoon();
  await quiet();
  fixture.append("bye");
  fixture.transport.end();
  for (const count of [2, 2, 1]) {
    await quiet();
    assertEquals(fixture.conn.halfCloses, 0);
    fixture.conn.release(count);
  }
  await quiet();
  assertEquals(fixture.conn.halfCloses, 0);
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.written, "goodbye");
  assertEquals(fixture.conn.halfCloses, 1);
  assertEquals([fixture.conn.closes, fixture.closedCalls], [0, 0]);
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals([fixture.conn.closes, fixture.closedCalls], [1, 1]);
  assertEquals(fixture.inputEnds, 0);
});

Deno.test("Transport.end() half-closes at once without output", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.end();
  assertEquals(fixture.conn.halfCloses, 1);
  fixture.transport.end();
  await quiet();
  assertEquals(fixture.conn.halfCloses, 1);
});

Deno.test("Transport.end() drops later input", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.end();
  const sizes = new Set<number>();
  for (let i = 0; i < 20; i++) {
    sizes.add(fixture.conn.readBuffer.length);
    await fixture.arrive(pattern(MIN_BUFFER));
  }
  assertEquals(fixture.inputs, []);
  assertEquals([...sizes], [MIN_BUFFER]);
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals(fixture.closedCalls, 1);
});

Deno.test("Transport.end() during an input writes the output first", async () => {
  using fixture: Fixture = new Fixture({
    received(memory, start, end) {
      fixture.transport.output.extendRun(memory.bytes, BINARY, start + 6, end);
      fixture.append("bye");
      fixture.transport.end();
      return end;
    },
  });
  fixture.conn.writeLimit = 1;
  await fixture.start();
  await fixture.arrive("header" + "last");
  assertEquals(
    fixture.conn.written,
    Uint8Array.of(BINARY, 4, ...bytesOf("lastbye")),
  );
  assertEquals(fixture.conn.halfCloses, 1);
  await fixture.arrive("more");
  assertEquals(fixture.inputs.length, 1);
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals(fixture.closedCalls, 1);
});

Deno.test("Transport.end() during an input without output half-closes and drops the rest", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, start) {
      fixture.transport.end();
      return start + 1;
    },
  });
  await fixture.start();
  await fixture.arrive("abc");
  await fixture.arrive("def");
  assertEquals(fixture.texts, ["abc"]);
  assertEquals(fixture.conn.halfCloses, 1);
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals(fixture.closedCalls, 1);
});

Deno.test("Transport.end() during a pause writes everything, and reads the client's end behind the pause", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, start) {
      fixture.transport.pause();
      return start;
    },
  });
  await fixture.start();
  await fixture.arrive("abc");
  fixture.append("bye");
  fixture.transport.end();
  await fixture.arrive("def");
  assertEquals(fixture.written, "bye");
  assertEquals(fixture.conn.halfCloses, 1);
  assertEquals(fixture.conn.isReading, false);
  fixture.transport.resume();
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals(fixture.closedCalls, 1);
  assertEquals(fixture.texts, ["abc"]);
});

Deno.test("Transport.end() during a pause does not overwrite the input", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  let held = 0;
  using fixture: Fixture = new Fixture({
    buffer,
    received(_memory, start, end) {
      fixture.transport.pause();
      held = start;
      return end;
    },
  });
  await fixture.start();
  await fixture.arrive("held");
  fixture.transport.end();
  await fixture.arrive("over");
  const bytes = buffer.memory.bytes.subarray(held, held + 4);
  assertEquals(textOf(bytes), "held");
  fixture.transport.resume();
  await quiet();
  assertEquals(fixture.conn.isReading, true);
});

Deno.test("Transport.reportDrain() reports once that all output is written", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.append("one ");
  fixture.transport.flushSoon();
  await quiet();
  fixture.append("two");
  fixture.transport.flushSoon();
  fixture.transport.reportDrain();
  for (const count of [1, 3, 2]) {
    fixture.conn.release(count);
    await quiet();
    assertEquals(fixture.drains, []);
  }
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.drains, ["one two"]);
  fixture.append(" three");
  fixture.transport.flushSoon();
  await quiet();
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.drains, ["one two"]);
});

Deno.test("Transport reports no drain without reportDrain()", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.append("x");
  fixture.transport.flushSoon();
  await quiet();
  assertEquals(fixture.drains, []);
});

Deno.test("Transport.reportDrain() reports nothing when output is lost", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.append("x");
  fixture.transport.flushSoon();
  fixture.transport.reportDrain();
  await quiet();
  fixture.transport.destroy();
  await quiet();
  assertEquals(fixture.drains, []);
});

Deno.test("Transport.end() behind the client's end closes when everything is written", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals(fixture.inputEnds, 1);
  fixture.append("bye");
  fixture.transport.end();
  await quiet();
  assertEquals(fixture.closedCalls, 0);
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.written, "bye");
  assertEquals(fixture.closedCalls, 1);
});

Deno.test("Transport.end() closes when everything is written and the client has ended meanwhile", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.append("bye");
  fixture.transport.end();
  await quiet();
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals([fixture.inputEnds, fixture.closedCalls], [0, 0]);
  fixture.conn.release();
  await quiet();
  assertEquals(fixture.written, "bye");
  assertEquals(fixture.closedCalls, 1);
});

Deno.test("Transport.end() closes where half-closing fails", async () => {
  using fixture = new Fixture();
  fixture.conn.closeWriteError = new Deno.errors.NotConnected("gone");
  await fixture.start();
  fixture.transport.end();
  await quiet();
  assertEquals(fixture.closedCalls, 1);
});

Deno.test("Transport reports the client's end once, and reads no more", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.conn.arrive(bytesOf("last"));
  fixture.conn.arriveEnd();
  await quiet();
  assertEquals(fixture.texts, ["last"]);
  assertEquals(fixture.inputEnds, 1);
  assertEquals(fixture.conn.isReading, false);
  fixture.append("still there");
  fixture.transport.flushSoon();
  await quiet();
  assertEquals(fixture.written, "still there");
  assertEquals(fixture.conn.isReading, false);
  assertEquals(fixture.inputEnds, 1);
});

for (const what of ["Read", "Write"] as const) {
  Deno.test(`Transport is closed when a ${what.toLowerCase()} fails`, async () => {
    const buffer = bufferPool.take(MIN_BUFFER);
    using fixture = new Fixture({ buffer });
    fixture.conn.holdsWrites = true;
    await fixture.start();
    fixture.append("x");
    fixture.transport.flushSoon();
    await quiet();
    fixture.conn[`fail${what}`]();
    await quiet();
    assertEquals(fixture.closedCalls, 1);
    assertEquals(fixture.transport.output.length, 0);
    assert(isFree(buffer));
  });
}

Deno.test("Transport.destroy() drops unwritten output", async () => {
  using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  await fixture.start();
  fixture.append("x");
  fixture.transport.flushSoon();
  await quiet();
  fixture.append("y");
  fixture.transport.destroy();
  assertEquals(fixture.transport.output.length, 0);
  fixture.append("z");
  fixture.transport.flushSoon();
  fixture.transport.end();
  await quiet();
  assertEquals(fixture.written, "");
  assertEquals(fixture.conn.halfCloses, 0);
});

Deno.test("Transport.destroy() reports once that the transport is closed", async () => {
  using fixture = new Fixture();
  await fixture.start();
  fixture.transport.destroy();
  assertEquals(fixture.closedCalls, 1);
  fixture.transport.destroy();
  await quiet();
  fixture.transport.destroy();
  assertEquals(fixture.closedCalls, 1);
});

Deno.test("Transport.destroy() frees the buffer at once where no operation is pending", () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture = new Fixture({ buffer });
  fixture.transport.destroy();
  assert(isFree(buffer));
});

Deno.test("Transport.destroy() frees the buffer when the pending read has settled", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture = new Fixture({ buffer });
  fixture.conn.settlesOnClose = false;
  await fixture.start();
  fixture.transport.destroy();
  await quiet();
  assertEquals(isFree(buffer), false);
  fixture.conn.failRead();
  await quiet();
  assert(isFree(buffer));
});

Deno.test("Transport.destroy() frees the buffer when the pending read has ended with bytes", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture = new Fixture({ buffer });
  fixture.conn.settlesOnClose = false;
  await fixture.start();
  fixture.transport.destroy();
  await fixture.arrive("late");
  assert(isFree(buffer));
  assertEquals(fixture.inputs, []);
});

Deno.test("Transport.destroy() frees the buffer when the pending write has settled", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture: Fixture = new Fixture({
    buffer,
    received: (memory, start, end) =>
      echo(() => fixture)(memory, start + 6, end),
  });
  fixture.conn.settlesOnClose = false;
  fixture.conn.holdsWrites = true;
  await fixture.start();
  await fixture.arrive("header" + "payload");
  fixture.transport.destroy();
  await quiet();
  assertEquals(isFree(buffer), false);
  fixture.conn.release(1);
  await quiet();
  assert(isFree(buffer));
  assertEquals(fixture.conn.isWriting, false);
});

Deno.test("Transport.destroy() during a pause frees the buffer behind the pause", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture: Fixture = new Fixture({
    buffer,
    received(_memory, _start, end) {
      fixture.transport.pause();
      return end;
    },
  });
  await fixture.start();
  await fixture.arrive("held");
  fixture.transport.destroy();
  await quiet();
  assertEquals(isFree(buffer), false);
  fixture.transport.resume();
  assert(isFree(buffer));
});

Deno.test("Transport.destroy() during a pause frees the buffer behind a longer write", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture: Fixture = new Fixture({
    buffer,
    received(memory, start, end) {
      fixture.transport.pause();
      return echo(() => fixture)(memory, start + 6, end);
    },
  });
  fixture.conn.settlesOnClose = false;
  fixture.conn.holdsWrites = true;
  await fixture.start();
  await fixture.arrive("header" + "held");
  fixture.transport.destroy();
  fixture.transport.resume();
  await quiet();
  assertEquals(isFree(buffer), false);
  fixture.conn.failWrite();
  await quiet();
  assert(isFree(buffer));
  assertNotStrictEquals(
    bufferPool.take(MIN_BUFFER),
    bufferPool.take(MIN_BUFFER),
  );
});

for (const order of [["read", "write"], ["write", "read"]] as const) {
  Deno.test(`Transport.destroy() frees the buffer when its ${order[0]} and then its ${order[1]} have settled`, async () => {
    const buffer = bufferPool.take(MIN_BUFFER);
    using fixture = new Fixture({ buffer });
    const { conn } = fixture;
    conn.settlesOnClose = false;
    conn.holdsWrites = true;
    await fixture.start();
    fixture.append("x");
    fixture.transport.flushSoon();
    await quiet();
    fixture.transport.destroy();
    const settle = {
      read: () => conn.failRead(),
      write: () => conn.failWrite(),
    };
    settle[order[0]]();
    await quiet();
    assertEquals(isFree(buffer), false);
    settle[order[1]]();
    await quiet();
    assert(isFree(buffer));
    const other = bufferPool.take(MIN_BUFFER);
    assertNotStrictEquals(
      bufferPool.take(MIN_BUFFER),
      other,
      "it was freed twice",
    );
  });
}

Deno.test("Transport.destroy() during an input ends it", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture: Fixture = new Fixture({
    buffer,
    received(_memory, start) {
      fixture.append("x");
      fixture.transport.destroy();
      return start;
    },
  });
  await fixture.start();
  await fixture.arrive("abc");
  assertEquals(fixture.conn.writes, []);
  assertEquals(fixture.texts, ["abc"]);
  assert(isFree(buffer));
});

Deno.test("Transport gives the buffer back when the client has ended", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture = new Fixture({ buffer });
  await fixture.start();
  fixture.transport.end();
  fixture.conn.arriveEnd();
  await quiet();
  assert(isFree(buffer));
});

Deno.test("Transport gives a larger buffer of the head back", async () => {
  const buffer = bufferPool.take(4 * MIN_BUFFER);
  using fixture = new Fixture({ buffer });
  await fixture.start();
  assert(isFree(buffer));
  assertEquals(fixture.conn.readBuffer.length, MIN_BUFFER);
});

/** The sizes of the buffers of reads that fill them. */
async function filled(fixture: Fixture, reads: number): Promise<number[]> {
  const sizes: number[] = [];
  for (let i = 0; i < reads; i++) {
    const { length } = fixture.conn.readBuffer;
    sizes.push(length);
    await fixture.arrive(pattern(length));
  }
  return sizes;
}

Deno.test("Transport grows its own buffer to 8 KiB while reads fill it, and keeps the size", async () => {
  using fixture = new Fixture();
  await fixture.start();
  const sizes = await filled(fixture, 60);
  assertEquals([...new Set(sizes)], [256, 512, 1024, 2048, 4096, 8192]);
  assert(sizes.indexOf(512) > 1, "one large read is no reason");
  await fixture.arrive("small");
  await fixture.arrive("small");
  assertEquals(fixture.conn.readBuffer.length, 8192);
});

Deno.test("Transport does not grow its own buffer for reads that do not fill it", async () => {
  using fixture = new Fixture();
  await fixture.start();
  for (let i = 0; i < 60; i++) await fixture.arrive(pattern(MIN_BUFFER - 1));
  assertEquals(fixture.conn.readBuffer.length, MIN_BUFFER);
});

Deno.test("Transport lends a larger buffer for a frame, and goes back to the small one", async () => {
  const total = 300_000;
  let consumed = 0;
  using fixture: Fixture = new Fixture({
    received(_memory, start, end) {
      const isWhole = end - start === total;
      fixture.missing = isWhole ? 0 : total - (end - start);
      if (isWhole) consumed++;
      return isWhole ? end : start;
    },
  });
  await fixture.start();
  const bytes = pattern(total);
  const sizes: number[] = [];
  for (let at = 0; at < total;) {
    const { length } = fixture.conn.readBuffer;
    sizes.push(length);
    await fixture.arrive(bytes.subarray(at, at + length));
    at += length;
  }
  assertEquals(consumed, 1);
  assertEquals(fixture.inputs.at(-1), bytes);
  assertEquals(sizes[0], MIN_BUFFER);
  assert(sizes.length < 10, `the frame took ${sizes.length} reads`);
  assertEquals(fixture.conn.readBuffer.length, MIN_BUFFER);
});

Deno.test("Transport lends no large buffer for a frame of which little has arrived", async () => {
  using fixture: Fixture = new Fixture({
    received(_memory, start) {
      fixture.missing = 10 * 2 ** 20;
      return start;
    },
  });
  await fixture.start();
  for (let i = 0; i < 60; i++) await fixture.arrive(pattern(10));
  assert(fixture.conn.readBuffer.length <= 4096);
});

/** Counts the bytes that are copied, until it is disposed of. */
class CopyCounter implements Disposable {
  bytes = 0;
  readonly #prototype = Object.getPrototypeOf(Uint8Array.prototype);
  readonly #real = {
    set: this.#prototype.set,
    copyWithin: this.#prototype.copyWithin,
  };

  constructor() {
    const { set, copyWithin } = this.#real;
    const count = (bytes: number) => this.bytes += bytes;
    Object.assign(this.#prototype, {
      set(this: Bytes, from: Bytes, at = 0) {
        count(from.length);
        set.call(this, from, at);
      },
      copyWithin(this: Bytes, to: number, start: number, end = this.length) {
        count(end - start);
        return copyWithin.call(this, to, start, end);
      },
    });
  }

  [Symbol.dispose](): void {
    Object.assign(this.#prototype, this.#real);
  }
}

// A client that sends a large frame in small segments caused a copy of all that had
// arrived with every read and, above 1 MiB, new memory with every read: 41 s of
// processor time for 4 MiB in segments of 200 bytes.
Deno.test({
  name:
    "Transport copies what arrives of a large frame a few times, however small the reads are",
  async fn() {
    const total = 16 * 2 ** 20;
    const arriving = 2 ** 21;
    const chunk = pattern(8 * 1024);
    const memories = new Set<Memory>();
    const conn = new FakeConn();
    const user: TransportUser & { missing: number } = {
      missing: 0,
      received(memory, start, end) {
        memories.add(memory);
        user.missing = total - (end - start);
        return start;
      },
      echoed() {},
      inputEnded() {},
      drained() {},
      closed() {},
    };
    const buffer = bufferPool.take(MIN_BUFFER);
    const { offset } = buffer;
    const transport = new Transport(
      new ConnSocket(conn),
      user,
      buffer,
      offset,
      offset,
      new MemoryAccount(2 ** 30).open(undefined),
    );
    using copied = new CopyCounter();
    transport.start();
    for (let arrived = 0; arrived < arriving; arrived += chunk.length) {
      conn.arrive(chunk);
      await quiet();
    }
    transport.destroy();
    assertEquals(conn.faults, []);
    // The copy of the fake connection is one of them.
    assert(copied.bytes < 5 * arriving, `${copied.bytes} bytes were copied`);
    assert(memories.size < 4, `${memories.size} memories were taken`);
  },
});

Deno.test("Transport.destroy() gives a lent buffer back, and no other", async () => {
  const buffer = bufferPool.take(MIN_BUFFER);
  using fixture: Fixture = new Fixture({
    buffer,
    received(_memory, start) {
      fixture.missing = 100_000;
      return start;
    },
  });
  await fixture.start();
  await fixture.arrive(pattern(MIN_BUFFER));
  assert(
    isFree(buffer),
    "the small buffer went back when the large one was lent",
  );
  const { byteOffset } = fixture.conn.readBuffer;
  fixture.transport.destroy();
  await quiet();
  const lent = bufferPool.take(64 * 1024);
  assert(lent.offset < byteOffset && byteOffset < lent.offset + lent.size);
  const next = bufferPool.take(MIN_BUFFER);
  assert(next === buffer);
  assertNotStrictEquals(
    bufferPool.take(MIN_BUFFER),
    next,
    "it was freed twice",
  );
});

/** Two buffers, the second right behind the first. */
function neighbours(): [ReceiveBuffer, ReceiveBuffer] {
  for (;;) {
    const [first, second] = [
      bufferPool.take(MIN_BUFFER),
      bufferPool.take(MIN_BUFFER),
    ];
    if (first.offset + first.size === second.offset) return [first, second];
  }
}

for (const header of [6, 8, 14]) {
  for (const before of [0, 1, MIN_BUFFER - 14]) {
    // Bug: the payload was read to the front of the buffer, so the header of its echo
    // lay in another connection's buffer.
    Deno.test(`Transport leaves room for a header where a frame is cut off behind its ${header} bytes at ${before}`, async () => {
      const [neighbour, buffer] = neighbours();
      neighbour.view.fill(0x77);
      const payload = pattern(header === 6 ? 20 : 300);
      using fixture: Fixture = new Fixture({
        buffer,
        received(memory, start, end) {
          if (fixture.inputs.length === 1) {
            fixture.missing = payload.length;
            return end;
          }
          if (end - start < payload.length) {
            fixture.missing = payload.length - (end - start);
            return start;
          }
          fixture.missing = 0;
          return echo(() => fixture)(memory, start, end);
        },
      });
      await fixture.start();
      await fixture.arrive(pattern(before + header));
      await fixture.arrive(payload);
      assertEquals(
        neighbour.view.findIndex((byte) => byte !== 0x77),
        -1,
        "the neighbour's bytes were changed",
      );
      const size = payload.length;
      const answer = size < 126
        ? [BINARY, size]
        : [BINARY, 126, size >> 8, size & 0xff];
      assertEquals(fixture.conn.written, Uint8Array.of(...answer, ...payload));
    });
  }
}

Deno.test("Transport leaves room for a header in front of a payload that it moves", async () => {
  const [neighbour, buffer] = neighbours();
  neighbour.view.fill(0x77);
  const payload = pattern(400);
  using fixture: Fixture = new Fixture({
    buffer,
    received(memory, start, end) {
      // Other bytes, and a payload that is cut off in the buffer's last bytes.
      const from = fixture.inputs.length === 1 ? end - 56 : start;
      if (end - from < payload.length) {
        fixture.missing = payload.length - (end - from);
        return from;
      }
      fixture.missing = 0;
      return echo(() => fixture)(memory, from, end);
    },
  });
  await fixture.start();
  await fixture.arrive(
    Uint8Array.of(...pattern(MIN_BUFFER - 62), ...payload.subarray(0, 56)),
  );
  await fixture.arrive(payload.subarray(56));
  assertEquals(
    fixture.conn.written,
    Uint8Array.of(BINARY, 126, 400 >> 8, 400 & 0xff, ...payload),
  );
  assertEquals(neighbour.view.every((byte) => byte === 0x77), true);
});
