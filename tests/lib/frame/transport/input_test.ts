import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import type { Memory } from "../../../../lib/frame/codec/memory.ts";
import {
  bufferPool,
  MIN_BUFFER,
  type ReceiveBuffer,
} from "../../../../lib/frame/transport/buffer_pool.ts";
import { ConnSocket } from "../../../../lib/frame/transport/socket.ts";
import {
  Transport,
  type TransportUser,
} from "../../../../lib/frame/transport/transport.ts";
import { MemoryAccount } from "../../../../lib/memory/account.ts";
import { type Bytes, FakeConn, quiet } from "../fake_conn.ts";
import { BINARY, echo, Fixture, isFree, pattern } from "./transport_fixture.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

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

Deno.test("Transport grows its usual buffer to 8 KiB while reads fill it, and keeps the size", async () => {
  using fixture = new Fixture();
  await fixture.start();
  const sizes = await filled(fixture, 60);
  assertEquals([...new Set(sizes)], [256, 512, 1024, 2048, 4096, 8192]);
  assert(sizes.indexOf(512) > 1, "one large read is no reason");
  await fixture.arrive("small");
  await fixture.arrive("small");
  assertEquals(fixture.conn.readBuffer.length, 8192);
});

Deno.test("Transport does not grow its usual buffer for reads that do not fill it", async () => {
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

Deno.test("Transport.destroy() gives a large buffer back, and no other", async () => {
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
  const large = bufferPool.take(64 * 1024);
  assert(large.offset < byteOffset && byteOffset < large.offset + large.size);
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
