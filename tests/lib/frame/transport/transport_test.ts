import { assert, assertEquals } from "@std/assert";
import {
  bufferPool,
  MIN_BUFFER,
} from "../../../../lib/frame/transport/buffer_pool.ts";
import { yieldToOthers } from "../../../../lib/scheduling/scheduler.ts";
import { quiet } from "../fake_conn.ts";
import {
  BINARY,
  bytesOf,
  echo,
  Fixture,
  isFree,
  pattern,
} from "./transport_fixture.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

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

Deno.test("Transport lets other work run between the reads of a client that gets no output", async () => {
  const SENT = 6 * 2 ** 20;
  using fixture = new Fixture();
  await fixture.start();
  const count = () =>
    fixture.inputs.reduce((sum, { length }) => sum + length, 0);
  let seen: number | undefined;
  yieldToOthers(() => seen = count());
  fixture.conn.arrive(new Uint8Array(SENT));
  while (count() < SENT) await quiet();
  assert(seen !== undefined && seen < SENT, `seen: ${seen}`);
});
