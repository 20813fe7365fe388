import { assert, assertFalse } from "@std/assert";
import { Unwritten } from "../../../../lib/edge/connection/unwritten.ts";

const MIB = 2 ** 20;

/** A peer and the runtime before it: what is sent, what is written, what that costs. */
class Peer {
  /** Sizes of the messages that wait. */
  readonly waiting: number[] = [];
  buffered = 0;
  resident = 100 * MIB;
  looks = 0;
  readonly #unwritten: Unwritten;

  constructor(limit: number) {
    this.#unwritten = new Unwritten(limit, () => this.resident);
  }

  /** Sends a message; false where the peer is cut off instead. */
  send(size: number): boolean {
    const unwritten = this.#unwritten;
    if (unwritten.isUncertain) {
      this.looks++;
      if (unwritten.exceeds(this.buffered)) return false;
    }
    unwritten.sent({ byteLength: size } as ArrayBuffer);
    this.waiting.push(size);
    this.buffered += size;
    this.resident += 900;
    return true;
  }

  /** The runtime writes all but the last messages. */
  write(but = 0): void {
    const written = this.waiting.splice(0, this.waiting.length - but);
    for (const size of written) this.buffered -= size;
    this.resident -= 900 * written.length;
  }

  /** Sends up to so many messages; returns how many there were. */
  sendMany(count: number, size: (i: number) => number, keeps?: number): number {
    for (let i = 0; i < count; i++) {
      if (!this.send(size(i))) return i;
      if (keeps !== undefined) this.write(keeps);
    }
    return count;
  }
}

for (const size of [1, 2, 64, 1000, 65536, 5 * MIB]) {
  Deno.test(`Unwritten: a peer that reads nothing is cut off (${size} bytes a message)`, () => {
    const peer = new Peer(16 * MIB);
    peer.sendMany(1e6, () => size);
    const held = peer.buffered + 900 * peer.waiting.length;
    assert(peer.buffered <= 16 * MIB + size, `${peer.buffered} bytes`);
    assert(held < 34 * MIB, `${held} bytes of memory`);
    assert(peer.waiting.length >= Math.min(16 * MIB / size, 16384) - 1);
  });

  Deno.test(`Unwritten: a peer that reads is never cut off (${size} bytes a message)`, () => {
    const peer = new Peer(16 * MIB);
    const keeps = Math.min(1000, Math.floor(8 * MIB / size));
    const count = size > MIB ? 1000 : 100_000;
    assert(peer.sendMany(count, () => size, keeps) === count);
    assert(peer.looks < count, "the runtime was asked each time");
  });
}

Deno.test("Unwritten: the runtime is asked once in 200 small messages", () => {
  const peer = new Peer(16 * MIB);
  peer.sendMany(100_000, () => 64, 0);
  assert(peer.looks < 100_000 / 200, `${peer.looks}`);
});

Deno.test("Unwritten: a low limit is kept to the message", () => {
  const peer = new Peer(100);
  assert(peer.sendMany(10, () => 30) === 4);
});

Deno.test("Unwritten: empty messages that wait show in the process's memory", () => {
  const peer = new Peer(16 * MIB);
  const sent = peer.sendMany(1e6, () => 0);
  assert(sent < 100_000, `${sent} messages`);
});

Deno.test("Unwritten: empty messages that are read are none of the peer's faults", () => {
  const peer = new Peer(16 * MIB);
  assert(peer.sendMany(1e6, () => 0, 100) === 1e6);
  // The memory of a busy process goes up and down.
  const busy = new Peer(16 * MIB);
  for (let i = 0; i < 1e6; i++) {
    busy.resident = 100 * MIB + (i % 100_000) * 200;
    assert(busy.send(0));
    busy.write();
  }
});

Deno.test("Unwritten: a byte now and then hides no empty messages", () => {
  const peer = new Peer(16 * MIB);
  const sent = peer.sendMany(1e6, (i) => i % 16_000 === 0 ? 1 : 0);
  assert(sent < 100_000, `${sent} messages`);
});

Deno.test("Unwritten: a large message after many empty ones is nothing bad", () => {
  const peer = new Peer(16 * MIB);
  assert(peer.sendMany(15_000, () => 0, 0) === 15_000);
  for (let i = 0; i < 40; i++) {
    assert(peer.send(MIB));
    peer.write(8);
  }
});

Deno.test("Unwritten: a text counts at least its UTF-16 units", () => {
  const unwritten = new Unwritten(1000);
  assertFalse(unwritten.isUncertain);
  unwritten.sent("€".repeat(400));
  assert(unwritten.isUncertain);
  assert(unwritten.exceeds(1200));
  assertFalse(unwritten.exceeds(1000));
});

Deno.test("Unwritten.waiting counts the messages that the unwritten bytes make up", () => {
  const unwritten = new Unwritten(16 * MIB);
  for (let i = 0; i < 200; i++) unwritten.sent(new Uint8Array(1000));
  unwritten.exceeds(1000);
  assert(unwritten.waiting < 4096, `${unwritten.waiting}`);
  for (let i = 0; i < 200; i++) unwritten.sent(new Uint8Array(1000));
  unwritten.exceeds(200_000);
  assert(unwritten.waiting > 350_000, `${unwritten.waiting}`);
});
