import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import {
  bufferPool,
  MIN_BUFFER,
} from "../../../../lib/frame/transport/buffer_pool.ts";
import { quiet } from "../fake_conn.ts";
import {
  BINARY,
  bytesOf,
  echo,
  Fixture,
  isFree,
  pattern,
  textOf,
} from "./transport_fixture.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

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
