import { assert, assertEquals } from "@std/assert";
import { FIN } from "../../../../lib/frame/codec/header.ts";
import { Output } from "../../../../lib/frame/transport/output.ts";
import { MemoryAccount } from "../../../../lib/memory/account.ts";
import { BufferCharge } from "../../../../lib/memory/buffer_charge.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const TEXT = FIN | 1;
const BINARY = FIN | 2;
const PONG = FIN | 10;

/** A receive buffer that holds payloads from `at` on. */
function buffer(at: number, payload: string): Bytes {
  const bytes = new Uint8Array(1000).fill(0x2e);
  bytes.set(bytesOf(payload), at);
  return bytes;
}

function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** A frame with less than 126 bytes. */
function frame(first: number, payload: string): number[] {
  return [first, payload.length, ...bytesOf(payload)];
}

/** Takes everything; each item is one take. */
function takeAll(output: Output, bytes: Bytes): number[][] {
  const taken: number[][] = [];
  while (!output.isEmpty) {
    const next = output.take(bytes);
    taken.push([...next]);
    output.wrote(next.length);
  }
  return taken;
}

Deno.test("Output is empty at first", () => {
  const output = new Output();
  assertEquals([output.length, output.isEmpty], [0, true]);
});

Deno.test("Output.extendRun() writes a header in front of the payload", () => {
  const bytes = buffer(10, "hello");
  const output = new Output();
  assertEquals(output.extendRun(bytes, TEXT, 10, 15), true);
  assertEquals([output.length, output.isEmpty], [7, false]);
  assertEquals([...bytes.subarray(7, 16)], [
    0x2e,
    ...frame(TEXT, "hello"),
    0x2e,
  ]);
  assertEquals(takeAll(output, bytes), [frame(TEXT, "hello")]);
});

Deno.test("Output.extendRun() makes room for a longer header", () => {
  const bytes = buffer(10, "x".repeat(200));
  const output = new Output();
  assertEquals(output.extendRun(bytes, TEXT, 10, 210), true);
  assertEquals(output.length, 204);
  assertEquals([...bytes.subarray(5, 10)], [0x2e, TEXT, 126, 0, 200]);
});

Deno.test("Output.extendRun() accepts an empty payload", () => {
  const bytes = buffer(10, "");
  const output = new Output();
  assertEquals(output.extendRun(bytes, TEXT, 10, 10), true);
  assertEquals(takeAll(output, bytes), [[TEXT, 0]]);
});

Deno.test("Output.extendRun() joins a frame that follows the run", () => {
  const bytes = buffer(10, "abc..defg");
  const output = new Output();
  assertEquals(output.extendRun(bytes, TEXT, 10, 13), true);
  assertEquals(output.extendRun(bytes, PONG, 15, 19), true);
  assertEquals(takeAll(output, bytes), [
    [...frame(TEXT, "abc"), ...frame(PONG, "defg")],
  ]);
});

for (const start of [14, 16, 40]) {
  Deno.test(`Output.extendRun() does nothing for a payload at ${start} where the run ends at 13`, () => {
    const bytes = buffer(10, "abc");
    const output = new Output();
    output.extendRun(bytes, TEXT, 10, 13);
    const before = bytes.slice();
    assertEquals(output.extendRun(bytes, TEXT, start, start + 4), false);
    assertEquals(bytes, before);
    assertEquals(output.length, 5);
  });
}

Deno.test("Output.extendRun() does nothing while frames are queued", () => {
  const bytes = buffer(10, "abc");
  const output = new Output();
  output.append(TEXT, bytesOf("queued"));
  assertEquals(output.extendRun(bytes, TEXT, 10, 13), false);
  assertEquals(output.length, 8);
  takeAll(output, bytes);
  assertEquals(output.extendRun(bytes, TEXT, 10, 13), true);
});

Deno.test("Output.extendRun() begins a run while another is being written", () => {
  const bytes = buffer(10, "abc..defg");
  const output = new Output();
  output.extendRun(bytes, TEXT, 10, 13);
  const first = output.take(bytes);
  assertEquals([output.isEmpty, output.length], [true, 5]);
  assertEquals(output.extendRun(bytes, TEXT, 15, 19), true);
  assertEquals(output.length, 11);
  output.wrote(first.length);
  assertEquals(output.length, 6);
  assertEquals(takeAll(output, bytes), [frame(TEXT, "defg")]);
});

Deno.test("Output.spillRun() moves the run to the queue", () => {
  const bytes = buffer(10, "abc");
  const output = new Output();
  output.extendRun(bytes, TEXT, 10, 13);
  output.spillRun(bytes);
  assertEquals(output.length, 5);
  bytes.fill(0);
  output.append(PONG, bytesOf("d"));
  assertEquals(takeAll(output, bytes), [
    [...frame(TEXT, "abc"), ...frame(PONG, "d")],
  ]);
});

Deno.test("Output.spillRun() without a run does nothing", () => {
  const output = new Output();
  output.append(TEXT, bytesOf("a"));
  output.spillRun(buffer(0, ""));
  assertEquals(takeAll(output, buffer(0, "")), [frame(TEXT, "a")]);
});

Deno.test("Output.append() copies the payload", () => {
  const output = new Output();
  const payload = bytesOf("abc");
  output.append(TEXT, payload);
  payload.fill(0);
  assertEquals(takeAll(output, buffer(0, "")), [frame(TEXT, "abc")]);
});

Deno.test("Output.append() joins frames of any size", () => {
  const output = new Output();
  const expected: number[] = [];
  for (let length = 0; length < 126; length++) {
    const payload = "x".repeat(length);
    output.append(TEXT, bytesOf(payload));
    expected.push(...frame(TEXT, payload));
    assertEquals(output.length, expected.length);
  }
  assertEquals(takeAll(output, buffer(0, "")), [expected]);
});

Deno.test("Output.append() writes the length in its shortest form", () => {
  const output = new Output();
  output.append(TEXT, new Uint8Array(70_000));
  assertEquals(output.length, 70_010);
  const taken = takeAll(output, buffer(0, ""));
  assertEquals(taken.map(({ length }) => length), [10, 70_000]);
  assertEquals(taken[0], [TEXT, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70]);
});

Deno.test("Output.append() fills chunks of 64 KiB at most, in order", () => {
  const output = new Output();
  const payloads = Array.from({ length: 200 }, (_, i) => `${i}`.padEnd(1000));
  for (const payload of payloads) output.append(TEXT, bytesOf(payload));
  const taken = takeAll(output, buffer(0, ""));
  assert(taken.every(({ length }) => length <= 64 * 1024), "a chunk is longer");
  const all = new TextDecoder().decode(Uint8Array.from(taken.flat()));
  const positions = payloads.map((payload) => all.indexOf(payload));
  assertEquals(positions, payloads.map((_, i) => 1004 * i + 4));
});

Deno.test("Output.append() copies, Output.appendOwned() does not copy a long payload", () => {
  const output = new Output();
  const payload = new Uint8Array(70_000);
  output.append(BINARY, payload);
  output.appendOwned(BINARY, payload);
  payload.fill(1);
  const taken = takeAll(output, buffer(0, ""));
  assertEquals(taken.map(([byte]) => byte), [BINARY, 0, BINARY, 1]);
});

Deno.test("Output.appendSource() makes frames when they are taken", () => {
  const output = new Output();
  const made: string[] = [];
  const frames = ["one", "two"];
  const source = {
    get length() {
      return frames.length * 3;
    },
    get isDone() {
      return frames.length === 0;
    },
    next() {
      made.push(frames[0]!);
      return bytesOf(frames.shift()!);
    },
  };
  output.append(TEXT, bytesOf("a"));
  output.appendSource(source);
  output.append(TEXT, bytesOf("b"));
  assertEquals([output.length, output.hasSources, made], [12, true, []]);
  const first = output.take(buffer(0, ""));
  output.wrote(first.length);
  assertEquals([output.length, made], [9, []]);
  assertEquals(takeAll(output, buffer(0, "")), [
    [...bytesOf("one")],
    [...bytesOf("two")],
    frame(TEXT, "b"),
  ]);
  assertEquals([output.length, output.hasSources], [0, false]);
});

Deno.test("Output charges the bytes that it holds, and releases them", () => {
  const account = new MemoryAccount(2 ** 30);
  const output = new Output(new BufferCharge(account.open()));
  for (let i = 0; i < 10; i++) output.append(BINARY, new Uint8Array(50_000));
  output.append(BINARY, new Uint8Array(100_000));
  assert(account.total >= 600_000, `${account.total}`);
  takeAll(output, buffer(0, ""));
  assert(account.total < 4096, `${account.total}`);
  output.append(BINARY, new Uint8Array(100_000));
  output.clear();
  assert(account.total < 4096, `${account.total}`);
});

Deno.test("Output.appendRaw() copies bytes without a header", () => {
  const output = new Output();
  const raw = bytesOf("HTTP/1.1 101");
  output.appendRaw(raw);
  raw.fill(0);
  output.append(TEXT, bytesOf("a"));
  assertEquals(takeAll(output, buffer(0, "")), [
    [...bytesOf("HTTP/1.1 101"), ...frame(TEXT, "a")],
  ]);
});

Deno.test("Output.begin() queues bytes in front of the frames", () => {
  const output = new Output();
  output.begin(bytesOf("HTTP/1.1 101"));
  assertEquals(output.length, 12);
  output.append(TEXT, bytesOf("a"));
  assertEquals(takeAll(output, buffer(0, "")), [
    [...bytesOf("HTTP/1.1 101"), ...frame(TEXT, "a")],
  ]);
});

Deno.test("Output.take() gives the run before the queue", () => {
  const bytes = buffer(10, "abc");
  const output = new Output();
  output.extendRun(bytes, TEXT, 10, 13);
  output.append(PONG, bytesOf("d"));
  assertEquals(takeAll(output, bytes), [frame(TEXT, "abc"), frame(PONG, "d")]);
});

Deno.test("Output.take() returns bytes that a later append does not change", () => {
  const output = new Output();
  output.append(TEXT, bytesOf("first"));
  const first = output.take(buffer(0, ""));
  output.append(TEXT, bytesOf("second"));
  assertEquals([...first], frame(TEXT, "first"));
  assertEquals([output.isEmpty, output.length], [false, 15]);
});

Deno.test("Output.wrote() counts down the bytes that were taken", () => {
  const output = new Output();
  output.append(TEXT, bytesOf("abc"));
  output.take(buffer(0, ""));
  assertEquals([output.isEmpty, output.length], [true, 5]);
  output.wrote(2);
  assertEquals(output.length, 3);
  output.wrote(3);
  assertEquals(output.length, 0);
});

Deno.test("Output.clear() drops the run, the queue and the bytes that were taken", () => {
  const bytes = buffer(10, "abc");
  const output = new Output();
  output.append(TEXT, bytesOf("taken"));
  output.take(bytes);
  output.extendRun(bytes, TEXT, 10, 13);
  output.append(TEXT, bytesOf("queued"));
  output.clear();
  assertEquals([output.length, output.isEmpty], [0, true]);
});

/** Notes what becomes of flushes. */
class Flushes {
  readonly seen: string[] = [];

  settle(name: string): (isWritten: boolean) => void {
    return (isWritten) =>
      this.seen.push(isWritten ? name : `${name} is dropped`);
  }
}

Deno.test("Output.flush() reports at once if there is no output", () => {
  const flushes = new Flushes();
  new Output().flush(flushes.settle("empty"));
  assertEquals(flushes.seen, ["empty"]);
});

Deno.test("Output.flush() reports when the frames in front of it are written", () => {
  const flushes = new Flushes();
  const output = new Output();
  output.append(TEXT, bytesOf("one"));
  output.flush(flushes.settle("first"));
  output.flush(flushes.settle("second"));
  output.append(TEXT, bytesOf("two"));
  const one = output.take(new Uint8Array(0));
  assertEquals([...one], frame(TEXT, "one"));
  output.wrote(2);
  assertEquals(flushes.seen, []);
  output.wrote(3);
  assertEquals(flushes.seen, ["first", "second"]);
  assertEquals(takeAll(output, new Uint8Array(0)), [frame(TEXT, "two")]);
  assertEquals([output.length, output.isEmpty], [0, true]);
});

Deno.test("Output.flush() during a write waits for its rest", () => {
  const flushes = new Flushes();
  const output = new Output();
  output.append(TEXT, bytesOf("one"));
  output.take(new Uint8Array(0));
  output.flush(flushes.settle("flush"));
  assertEquals(flushes.seen, []);
  output.wrote(5);
  assertEquals(flushes.seen, ["flush"]);
});

Deno.test("Output.flush() waits for the run in the receive buffer", () => {
  const flushes = new Flushes();
  const bytes = buffer(10, "hello");
  const output = new Output();
  output.append(TEXT, bytesOf("one"));
  output.take(bytes);
  // The queue is taken, so the next frame is a run.
  assertEquals(output.extendRun(bytes, TEXT, 10, 15), true);
  output.flush(flushes.settle("flush"));
  output.wrote(5);
  assertEquals(flushes.seen, []);
  assertEquals(takeAll(output, bytes), [frame(TEXT, "hello")]);
  assertEquals(flushes.seen, ["flush"]);
});

Deno.test("Output.flush() waits for the last frame of a source", () => {
  const flushes = new Flushes();
  const output = new Output();
  let left = 2;
  output.appendSource({
    get length() {
      return left;
    },
    get isDone() {
      return left === 0;
    },
    next: () => new Uint8Array([left--]),
  });
  output.flush(flushes.settle("flush"));
  output.wrote(output.take(new Uint8Array(0)).length);
  assertEquals(flushes.seen, []);
  output.wrote(output.take(new Uint8Array(0)).length);
  assertEquals(flushes.seen, ["flush"]);
  assertEquals(output.isEmpty, true);
});

Deno.test("Output.clear() drops the flushes", () => {
  const flushes = new Flushes();
  const output = new Output();
  output.append(TEXT, bytesOf("one"));
  output.flush(flushes.settle("flush"));
  output.clear();
  assertEquals(flushes.seen, ["flush is dropped"]);
  output.flush(flushes.settle("next"));
  assertEquals(flushes.seen, ["flush is dropped", "next"]);
});
