import { Buffer } from "node:buffer";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  acceptHandles,
  acceptOn,
  type Acceptor,
} from "../../../lib/frame/acceptor.ts";
import type { Socket, SocketUser } from "../../../lib/frame/socket.ts";
import { tcpHandlesExist } from "../../../lib/frame/tcp_handle.ts";
import { TcpSocket } from "../../../lib/frame/tcp_socket.ts";
import { within } from "../../integration/within.ts";
import { testWith } from "../../permissions.ts";
import { type Bytes, quiet } from "./fake_conn.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const NET = { net: "127.0.0.1" };
const ANY = { hostname: "127.0.0.1", port: 0 };

/** More than the system's buffers hold. */
const FLOOD = 16 * 2 ** 20;

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Notes what a socket tells, and lets a test wait for it. */
class Witness implements SocketUser {
  readonly events: string[] = [];
  writtenBytes = 0;
  #next = Promise.withResolvers<void>();

  /** Resolves at the next event. */
  next(): Promise<void> {
    return within(this.#next.promise, "an event of the socket");
  }

  arrived(count: number): void {
    this.#note(`arrived ${count}`);
  }

  peerEnded(): void {
    this.#note("ended");
  }

  readFailed(): void {
    this.#note("read failed");
  }

  written(count: number): void {
    this.writtenBytes += count;
    this.#note("written");
  }

  writeFailed(): void {
    this.#note("write failed");
  }

  #note(event: string): void {
    this.events.push(event);
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

/** Both ends of a connection: a socket on a handle, and the runtime's own. */
class Pair implements AsyncDisposable {
  readonly acceptor: Acceptor;
  readonly socket: Socket;
  readonly peer: Deno.TcpConn;
  readonly witness = new Witness();

  private constructor(acceptor: Acceptor, socket: Socket, peer: Deno.TcpConn) {
    this.acceptor = acceptor;
    this.socket = socket;
    this.peer = peer;
    socket.user = this.witness;
  }

  static async connect(): Promise<Pair> {
    const accepted = Promise.withResolvers<Socket>();
    const acceptor = acceptHandles(ANY, accepted.resolve)!;
    const { hostname, port } = acceptor.addr;
    const peer = await Deno.connect({ hostname, port });
    const socket = await within(accepted.promise, "accept");
    // Before that the runtime does not know that it can be written to.
    await quiet();
    return new Pair(acceptor, socket, peer);
  }

  /** Reads, once, and waits for it. */
  async read(view: Bytes): Promise<void> {
    const next = this.witness.next();
    this.socket.read(view);
    await next;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    this.acceptor.close();
    try {
      this.peer.close();
    } catch {
      // a test may have closed it
    }
    await quiet();
  }
}

Deno.test("tcpHandlesExist: this runtime has them", () => {
  assert(tcpHandlesExist);
});

testWith(NET, "acceptHandles() tells the peer's address", async () => {
  await using pair = await Pair.connect();
  assert(pair.socket instanceof TcpSocket);
  assertEquals(pair.socket.remoteAddr, pair.peer.localAddr as Deno.NetAddr);
  assertEquals(pair.acceptor.addr, pair.peer.remoteAddr as Deno.NetAddr);
});

testWith(
  NET,
  "acceptOn() throws what the runtime throws where the port is taken",
  () => {
    const first = acceptOn(ANY, () => {});
    const { hostname, port } = first.addr;
    assertThrows(
      () => acceptOn({ hostname, port }, () => {}),
      Deno.errors.AddrInUse,
    );
    first.close();
  },
);

testWith(NET, "acceptOn() has the port again when it is closed", async () => {
  const { addr, close } = acceptOn(ANY, () => {});
  close();
  await quiet();
  acceptOn(addr, () => {}).close();
});

testWith(NET, "TcpSocket.read() reads once, to where it was told", async () => {
  await using pair = await Pair.connect();
  const { socket, peer, witness } = pair;
  const memory = new Uint8Array(20);
  await peer.write(new TextEncoder().encode("abcdefgh"));
  await pair.read(memory.subarray(0, 3));
  assertEquals([socket.isReading, textOf(memory.subarray(0, 3))], [
    false,
    "abc",
  ]);
  await quiet();
  assertEquals(witness.events, ["arrived 3"]);
  await pair.read(memory.subarray(10));
  assertEquals(textOf(memory.subarray(10, 15)), "defgh");
});

testWith(
  NET,
  "TcpSocket.read() goes elsewhere when it is asked to while it waits",
  async () => {
    await using pair = await Pair.connect();
    const before = new Uint8Array(4);
    const after = new Uint8Array(4);
    pair.socket.read(before);
    const read = pair.read(after);
    await pair.peer.write(Uint8Array.of(1, 2, 3));
    await read;
    assertEquals([...before, ...after], [0, 0, 0, 0, 1, 2, 3, 0]);
    assertEquals(pair.witness.events, ["arrived 3"]);
  },
);

testWith(
  NET,
  "TcpSocket does not read unasked: a peer that floods has to wait",
  async () => {
    await using pair = await Pair.connect();
    const { peer, witness } = pair;
    await peer.write(new Uint8Array(10));
    await pair.read(new Uint8Array(100));
    let taken = 0;
    const flooding = peer.write(new Uint8Array(FLOOD)).then((count) => {
      taken = count;
    });
    await quiet();
    await flooding;
    assert(taken < FLOOD, "the system took a part");
    assertEquals(witness.events, ["arrived 10"]);
  },
);

testWith(
  NET,
  "TcpSocket tells of the peer's end behind what its last bytes have queued",
  async () => {
    await using pair = await Pair.connect();
    const { socket, peer, witness } = pair;
    const view = new Uint8Array(10);
    witness.arrived = (count) => {
      witness.events.push(`arrived ${count}`);
      socket.read(view);
      queueMicrotask(() => witness.events.push("queued"));
    };
    const ended = witness.next();
    await peer.write(Uint8Array.of(1));
    await peer.closeWrite();
    socket.read(view);
    await ended;
    assertEquals(witness.events, ["arrived 1", "queued", "ended"]);
  },
);

testWith(
  NET,
  "TcpSocket.write() writes at once what the system takes, and then the rest",
  async () => {
    await using pair = await Pair.connect();
    const { socket, peer, witness } = pair;
    const bytes = Uint8Array.from({ length: FLOOD }, (_, i) => (i * 167) >> 3);
    const atOnce = socket.write(bytes);
    assert(atOnce < FLOOD);
    const buffer = new Uint8Array(2 ** 20);
    let at = 0;
    while (at < FLOOD) {
      const count = await peer.read(buffer) ?? 0;
      assert(count > 0);
      const expected = bytes.subarray(at, at + count);
      assertEquals(Buffer.compare(buffer.subarray(0, count), expected), 0);
      at += count;
    }
    assertEquals(atOnce + witness.writtenBytes, FLOOD);
  },
);

testWith(
  NET,
  "TcpSocket.endWrites() tells the peer, and reads on",
  async () => {
    await using pair = await Pair.connect();
    const { socket, peer } = pair;
    socket.write(Uint8Array.of(7));
    socket.endWrites();
    assertEquals(await peer.read(new Uint8Array(5)), 1);
    assertEquals(await peer.read(new Uint8Array(5)), null);
    await peer.write(Uint8Array.of(8, 9));
    await pair.read(new Uint8Array(5));
    assertEquals(pair.witness.events, ["arrived 2"]);
  },
);

testWith(
  NET,
  "TcpSocket.close() fails what is under way at once, and once",
  async () => {
    await using pair = await Pair.connect();
    const { socket, witness } = pair;
    socket.read(new Uint8Array(5));
    socket.write(new Uint8Array(FLOOD));
    socket.close();
    assertEquals(witness.events.toSorted(), ["read failed", "write failed"]);
    socket.close();
    await quiet();
    assertEquals(witness.events.length, 2);
  },
);

testWith(
  NET,
  "TcpSocket that is closed fails what is asked of it",
  async () => {
    await using pair = await Pair.connect();
    const { socket, witness } = pair;
    socket.close();
    socket.read(new Uint8Array(5));
    assertEquals(socket.write(Uint8Array.of(1)), 0);
    assertEquals(witness.events, []);
    await quiet();
    assertEquals(witness.events, ["read failed", "write failed"]);
  },
);

testWith(
  NET,
  "TcpSocket tells that the peer left while it was written to",
  async () => {
    await using pair = await Pair.connect();
    const { socket, peer, witness } = pair;
    const failed = witness.next();
    socket.write(new Uint8Array(FLOOD));
    peer.close();
    await failed;
    assertEquals(witness.events, ["write failed"]);
  },
);

testWith(NET, "TcpSocket closes where its user fails", async () => {
  await using pair = await Pair.connect();
  const { socket, peer, witness } = pair;
  witness.arrived = () => {
    throw new Error("a fault in the program");
  };
  socket.read(new Uint8Array(5));
  await peer.write(Uint8Array.of(1));
  assertEquals(await peer.read(new Uint8Array(5)), null);
});
