import { assert, assertEquals, assertFalse } from "@std/assert";
import { UnwrittenData } from "../../../../lib/edge/connection/unwritten_data.ts";
import { testWith } from "../../../permissions.ts";
import { withSocket } from "../runtime_socket.ts";

const MIB = 2 ** 20;

/** A client and the runtime: messages that are sent and written, and their memory. */
class Client {
  /** Sizes of the unwritten messages. */
  readonly waiting: number[] = [];
  buffered = 0;
  resident = 100 * MIB;
  checks = 0;
  readonly #unwritten: UnwrittenData;

  constructor(limit: number) {
    this.#unwritten = new UnwrittenData(limit, () => this.resident);
  }

  /** Sends a message; false if the client is cut off instead. */
  send(size: number): boolean {
    const unwritten = this.#unwritten;
    if (unwritten.isCheckDue) {
      this.checks++;
      if (unwritten.exceeds(this.buffered)) return false;
    }
    unwritten.sent({ byteLength: size } as ArrayBuffer);
    this.waiting.push(size);
    this.buffered += size;
    this.resident += 900;
    return true;
  }

  /** Writes all but the last messages. */
  write(but = 0): void {
    const written = this.waiting.splice(0, this.waiting.length - but);
    for (const size of written) this.buffered -= size;
    this.resident -= 900 * written.length;
  }

  /** Sends up to `count` messages; returns the number of those sent. */
  sendMany(count: number, size: (i: number) => number, keeps?: number): number {
    for (let i = 0; i < count; i++) {
      if (!this.send(size(i))) return i;
      if (keeps !== undefined) this.write(keeps);
    }
    return count;
  }
}

for (const size of [1, 2, 64, 1000, 65536, 5 * MIB]) {
  Deno.test(`UnwrittenData.exceeds() is true for a client that reads nothing (${size} bytes a message)`, () => {
    const client = new Client(16 * MIB);
    client.sendMany(1e6, () => size);
    const held = client.buffered + 900 * client.waiting.length;
    assert(client.buffered <= 16 * MIB + size, `${client.buffered} bytes`);
    assert(held < 34 * MIB, `${held} bytes of memory`);
    assert(client.waiting.length >= Math.min(16 * MIB / size, 16384) - 1);
  });

  Deno.test(`UnwrittenData.exceeds() is false for a client that reads (${size} bytes a message)`, () => {
    const client = new Client(16 * MIB);
    const keeps = Math.min(1000, Math.floor(8 * MIB / size));
    const count = size > MIB ? 1000 : 100_000;
    assert(client.sendMany(count, () => size, keeps) === count);
    assert(client.checks < count, "each message was checked");
  });
}

Deno.test("UnwrittenData.isCheckDue is true once in 200 small messages", () => {
  const client = new Client(16 * MIB);
  client.sendMany(100_000, () => 64, 0);
  assert(client.checks < 100_000 / 200, `${client.checks}`);
});

Deno.test("UnwrittenData.exceeds() keeps a low limit to the message", () => {
  const client = new Client(100);
  assert(client.sendMany(10, () => 30) === 4);
});

Deno.test("UnwrittenData.exceeds() detects unwritten empty messages by the process's memory", () => {
  const client = new Client(16 * MIB);
  const sent = client.sendMany(1e6, () => 0);
  assert(sent < 100_000, `${sent} messages`);
});

Deno.test("UnwrittenData.exceeds() is false for empty messages that are read", () => {
  const client = new Client(16 * MIB);
  assert(client.sendMany(1e6, () => 0, 100) === 1e6);
  // The memory of a busy process goes up and down.
  const busy = new Client(16 * MIB);
  for (let i = 0; i < 1e6; i++) {
    busy.resident = 100 * MIB + (i % 100_000) * 200;
    assert(busy.send(0));
    busy.write();
  }
});

Deno.test("UnwrittenData.exceeds() detects empty messages between others", () => {
  const client = new Client(16 * MIB);
  const sent = client.sendMany(1e6, (i) => i % 16_000 === 0 ? 1 : 0);
  assert(sent < 100_000, `${sent} messages`);
});

Deno.test("UnwrittenData.exceeds() is false for large messages after empty ones that were read", () => {
  const client = new Client(16 * MIB);
  assert(client.sendMany(15_000, () => 0, 0) === 15_000);
  for (let i = 0; i < 40; i++) {
    assert(client.send(MIB));
    client.write(8);
  }
});

Deno.test("UnwrittenData.exceeds() counts at least the UTF-16 units of a text", () => {
  const unwritten = new UnwrittenData(1000);
  assertFalse(unwritten.isCheckDue);
  unwritten.sent("€".repeat(400));
  assert(unwritten.isCheckDue);
  assert(unwritten.exceeds(1200));
  assertFalse(unwritten.exceeds(1000));
});

Deno.test("UnwrittenData.waiting counts the cost of the unwritten messages only", () => {
  const unwritten = new UnwrittenData(16 * MIB);
  for (let i = 0; i < 200; i++) unwritten.sent(new Uint8Array(1000));
  unwritten.exceeds(1000);
  assert(unwritten.waiting < 4096, `${unwritten.waiting}`);
  for (let i = 0; i < 200; i++) unwritten.sent(new Uint8Array(1000));
  unwritten.exceeds(200_000);
  assert(unwritten.waiting > 350_000, `${unwritten.waiting}`);
});

// When this fails, `bufferedAmount` may replace the counting of messages.
testWith(
  { net: true },
  "runtime still counts nothing but payload in bufferedAmount",
  () =>
    withSocket((socket) => {
      for (let i = 0; i < 1000; i++) socket.send("");
      assertEquals(socket.bufferedAmount, 0);
      socket.send("abc");
      assertEquals(socket.bufferedAmount, 3);
    }),
);
