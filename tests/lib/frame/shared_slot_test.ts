import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { FIN } from "../../../lib/frame/header.ts";
import { type Memory, slots } from "../../../lib/frame/memory.ts";
import { sharedSlot } from "../../../lib/frame/shared_slot.ts";
import {
  NO_USER,
  type Socket,
  type SocketUser,
} from "../../../lib/frame/socket.ts";
import { Transport, type TransportUser } from "../../../lib/frame/transport.ts";
import { type Bytes, quiet } from "./fake_conn.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const FRAME = FIN | 2;

function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A socket whose reads write in the moment in which they end. */
class FakeSocket implements Socket {
  readonly remoteAddr: Deno.NetAddr = {
    transport: "tcp",
    hostname: "127.0.0.1",
    port: 50000,
  };
  readonly readsAtOnce = true;
  isReading = false;
  user: SocketUser = NO_USER;
  view: Bytes = new Uint8Array(0);
  /** Whether writes are left for {@linkcode FakeSocket.release}. */
  holdsWrites = false;
  unwritten: Bytes | undefined;
  written = "";

  read(view: Bytes): void {
    this.isReading = true;
    this.view = view;
  }

  write(bytes: Bytes): number {
    if (this.holdsWrites) {
      this.unwritten = bytes;
      return 0;
    }
    this.written += textOf(bytes);
    return bytes.length;
  }

  endWrites(): void {}

  close(): void {
    if (this.isReading) {
      this.isReading = false;
      this.user.readFailed();
    }
  }

  /** Bytes arrive. */
  arrive(text: string): void {
    assert(this.isReading, "nobody reads");
    this.isReading = false;
    this.view.set(bytesOf(text));
    this.user.arrived(text.length);
  }

  /** The write that was left is done. */
  release(): void {
    const bytes = this.unwritten!;
    this.unwritten = undefined;
    this.written += textOf(bytes);
    this.user.written(bytes.length);
  }
}

/** A connection that consumes bytes up to the last full stop. */
class Peer implements TransportUser, Disposable {
  readonly socket = new FakeSocket();
  readonly transport: Transport;
  readonly turns: string[] = [];
  missing = 0;
  keepsBytes = false;
  /** What else is done with the bytes of a turn. */
  onTurn: (memory: Memory, start: number, end: number) => void = () => {};

  constructor() {
    const slot = slots.take(512);
    const { offset } = slot;
    this.transport = new Transport(this.socket, this, slot, offset, offset);
    this.transport.start();
  }

  get isShared(): boolean {
    return this.socket.view === sharedSlot.slot.view;
  }

  received(memory: Memory, start: number, end: number): number {
    const text = textOf(memory.bytes.slice(start, end));
    this.turns.push(text);
    this.onTurn(memory, start, end);
    return start + text.lastIndexOf(".") + 1;
  }

  peerEnded(): void {}
  drained(): void {}
  gone(): void {}

  [Symbol.dispose](): void {
    this.transport.destroy();
  }
}

Deno.test("SharedSlot: all that wait read into one slot", () => {
  using first = new Peer();
  using second = new Peer();
  assert(first.isShared && second.isShared);
  first.socket.arrive("one.");
  second.socket.arrive("two.");
  assertEquals([first.turns, second.turns], [["one."], ["two."]]);
  assert(first.isShared && second.isShared);
});

Deno.test("SharedSlot: what is cut off moves to a slot of its own, until the rest has come", () => {
  using first = new Peer();
  using second = new Peer();
  first.socket.arrive("one. tw");
  assert(!first.isShared);
  second.socket.arrive("XXXXXXXXXXXX.");
  first.socket.arrive("o.");
  assertEquals(first.turns, ["one. tw", " two."]);
  assert(first.isShared);
});

Deno.test("SharedSlot: who is told that more is missing reads into a slot of its own", () => {
  using first = new Peer();
  first.onTurn = () => first.missing = 100;
  first.socket.arrive("one.");
  assert(!first.isShared);
  first.onTurn = () => first.missing = 0;
  first.socket.arrive("two.");
  assert(first.isShared);
});

Deno.test("SharedSlot: a pause keeps the bytes where they are, and the others get a new slot", () => {
  using first = new Peer();
  using second = new Peer();
  const { memory, offset } = sharedSlot.slot;
  first.onTurn = () => first.transport.pause();
  first.socket.arrive("held.");
  assert(second.isShared);
  second.socket.arrive("XXXXXXXXXXXX.");
  assertEquals(textOf(memory.bytes.slice(offset, offset + 5)), "held.");
  assertNotStrictEquals(sharedSlot.slot.offset, offset);
  first.onTurn = () => {};
  first.transport.resume();
  first.socket.arrive("next.");
  assertEquals(first.turns.at(-1), "next.");
  assertEquals(second.turns, ["XXXXXXXXXXXX."]);
});

Deno.test("SharedSlot: behind a pause, those whose bytes are likely to be kept read into slots of their own", () => {
  using first = new Peer();
  using second = new Peer();
  using third = new Peer();
  second.keepsBytes = true;
  first.onTurn = () => first.transport.pause();
  first.socket.arrive("held.");
  assertEquals([second.isShared, third.isShared], [false, true]);
  second.socket.arrive("one.");
  assertEquals(second.turns, ["one."]);
  first.transport.resume();
});

Deno.test("SharedSlot: a write that is not finished keeps the bytes where they are", () => {
  using first = new Peer();
  using second = new Peer();
  first.socket.holdsWrites = true;
  first.onTurn = (memory, start, end) => {
    first.transport.output.extendRun(memory.bytes, FRAME, start + 2, end);
  };
  first.socket.arrive("..echo.");
  second.socket.arrive("XXXXXXXXXXXX.");
  first.socket.release();
  assertEquals(first.socket.written.slice(-5), "echo.");
  assert(second.isShared);
});

Deno.test("SharedSlot: what is to be written behind an unfinished write is copied", async () => {
  using first = new Peer();
  using second = new Peer();
  first.socket.holdsWrites = true;
  first.transport.output.appendRaw(bytesOf("before "));
  first.transport.wake();
  await quiet();
  first.onTurn = (memory, start, end) => {
    first.transport.output.extendRun(memory.bytes, FRAME, start + 2, end);
  };
  first.socket.arrive("..echo.");
  second.socket.arrive("XXXXXXXXXXXX.");
  first.socket.holdsWrites = false;
  first.socket.release();
  assert(first.socket.written.startsWith("before "));
  assertEquals(first.socket.written.slice(-5), "echo.");
});

Deno.test("SharedSlot: the end of a connection leaves the slot to the others", () => {
  using first = new Peer();
  const second = new Peer();
  const { slot } = sharedSlot;
  second.transport.destroy();
  assertEquals(sharedSlot.slot, slot);
  first.socket.arrive("one.");
  assertEquals(first.turns, ["one."]);
});
