import { assert, assertEquals } from "@std/assert";
import {
  bufferPool,
  type ReceiveBuffer,
} from "../../../../lib/frame/transport/buffer_pool.ts";
import { lingeringClose } from "../../../../lib/frame/transport/lingering_close.ts";
import { ConnSocket } from "../../../../lib/frame/transport/socket.ts";
import { eventually } from "../../../integration/support/within.ts";
import { type Bytes, FakeConn, quiet } from "../fake_conn.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const SIZE = 512;
const REFUSAL: Bytes = new TextEncoder().encode("HTTP/1.1 400\r\n\r\n");

/** A client that gets a closing response. */
class Fixture implements AsyncDisposable {
  readonly conn = new FakeConn();
  readonly socket = new ConnSocket(this.conn);
  readonly buffer: ReceiveBuffer = bufferPool.take(SIZE);
  #dismissal: Promise<void> | undefined;

  lingeringClose(): void {
    this.#dismissal = lingeringClose(this.socket, this.buffer, REFUSAL);
  }

  /** Whether the buffer was given back. */
  get isFree(): boolean {
    const next = bufferPool.take(SIZE);
    bufferPool.give(next);
    return next === this.buffer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dismissal;
    await quiet();
    assertEquals(this.conn.faults, []);
    assertEquals(this.conn.closes, 1);
    assert(this.isFree, "the buffer was given back");
  }
}

Deno.test("lingeringClose() writes, half-closes, and closes when the client has ended", async () => {
  await using fixture = new Fixture();
  const { conn } = fixture;
  fixture.lingeringClose();
  await quiet();
  assertEquals(conn.written, REFUSAL);
  assertEquals([conn.halfCloses, conn.closes], [1, 0]);
  conn.arriveEnd();
});

Deno.test("lingeringClose() reads until the client ends, so that no reset destroys the response", async () => {
  await using fixture = new Fixture();
  const { conn } = fixture;
  fixture.lingeringClose();
  for (let i = 0; i < 3; i++) {
    await quiet();
    conn.arrive(new Uint8Array(1000));
  }
  // A buffer of 512 bytes takes them in pieces; between two it yields.
  await eventually(
    () => Promise.resolve(conn.isReading || undefined),
    "all to be taken",
  );
  assertEquals(conn.closes, 0);
  conn.arriveEnd();
});

Deno.test("lingeringClose() writes everything to a client that has ended its side", async () => {
  await using fixture = new Fixture();
  const { conn, socket, buffer } = fixture;
  conn.writeLimit = 5;
  conn.holdsWrites = true;
  socket.read(buffer.view);
  fixture.lingeringClose();
  conn.arriveEnd();
  await quiet();
  conn.holdsWrites = false;
  conn.release(5);
  await quiet();
  assertEquals(conn.written, REFUSAL);
  assertEquals(conn.halfCloses, 1);
});

Deno.test("lingeringClose() gives the buffer back when the pending read has ended", async () => {
  await using fixture = new Fixture();
  const { conn, socket, buffer } = fixture;
  conn.settlesOnClose = false;
  socket.read(buffer.view);
  fixture.lingeringClose();
  await quiet();
  conn.holdsWrites = true;
  conn.arrive(new Uint8Array(5));
  await quiet();
  fixture.socket.user.writeFailed();
  assertEquals([conn.closes, conn.isReading, fixture.isFree], [1, true, false]);
  conn.failRead();
});

for (const what of ["read", "write"] as const) {
  Deno.test(`lingeringClose() closes when the ${what} fails`, async () => {
    await using fixture = new Fixture();
    const { conn } = fixture;
    conn.holdsWrites = what === "write";
    fixture.lingeringClose();
    await quiet();
    if (what === "write") conn.failWrite();
    else conn.failRead();
  });
}

Deno.test("lingeringClose() closes a client that reads nothing after a second", async () => {
  await using fixture = new Fixture();
  fixture.conn.holdsWrites = true;
  fixture.lingeringClose();
});
