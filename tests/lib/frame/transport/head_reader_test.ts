import { assert, assertEquals } from "@std/assert";
import { MAX_HEAD } from "../../../../lib/frame/codec/request_head.ts";
import {
  bufferPool,
  type ReceiveBuffer,
} from "../../../../lib/frame/transport/buffer_pool.ts";
import {
  HEAD_BUFFER,
  type HeadRead,
  HeadReader,
} from "../../../../lib/frame/transport/head_reader.ts";
import { ConnSocket } from "../../../../lib/frame/transport/socket.ts";
import { type Bytes, FakeConn, quiet } from "../fake_conn.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const HEAD = "GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n";

function bytesOf(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function readHead(conn: FakeConn): Promise<HeadRead> {
  return new HeadReader(new ConnSocket(conn)).read();
}

/** A head of a length. */
function headOf(length: number): string {
  const start = "GET / HTTP/1.1\r\nX-Name: ";
  return `${start}${"x".repeat(length - start.length - 4)}\r\n\r\n`;
}

/** Reads a head that arrives in chunks, and in as many reads as the buffer needs. */
async function readChunks(
  ...chunks: readonly string[]
): Promise<{ conn: FakeConn; read: HeadRead }> {
  const conn = new FakeConn();
  for (const chunk of chunks) conn.arrive(bytesOf(chunk));
  const read = await readHead(conn);
  assertEquals(conn.faults, []);
  assertEquals(conn.isReading, false);
  return { conn, read };
}

function headIn(read: HeadRead): Extract<HeadRead, { kind: "head" }> {
  if (read.kind !== "head") throw new Error(`no head, but ${read.kind}`);
  return read;
}

function refusedIn(read: HeadRead): Extract<HeadRead, { kind: "refused" }> {
  if (read.kind !== "refused") throw new Error(`not refused, but ${read.kind}`);
  return read;
}

/** The head's text and the bytes behind it; gives the buffer back. */
function found(read: HeadRead): { text: string; behind: string } {
  const { text, buffer, start, end } = headIn(read);
  assert(start >= buffer.offset && end <= buffer.offset + buffer.size);
  const behind = String.fromCharCode(
    ...buffer.memory.bytes.subarray(start, end),
  );
  bufferPool.give(buffer);
  return { text, behind };
}

/** The next buffer of its size. */
function next(size: number): ReceiveBuffer {
  const buffer = bufferPool.take(size);
  bufferPool.give(buffer);
  return buffer;
}

Deno.test("HeadReader.read() reads a head that arrives at once", async () => {
  const { read } = await readChunks(HEAD);
  assertEquals(found(read), { text: HEAD, behind: "" });
});

for (const size of [1, 2, 3, 5, 36]) {
  Deno.test(`HeadReader.read() reads a head that arrives in chunks of ${size}`, async () => {
    const chunks = HEAD.match(new RegExp(`[^]{1,${size}}`, "g"))!;
    const { read } = await readChunks(...chunks);
    assertEquals(found(read), { text: HEAD, behind: "" });
  });
}

Deno.test("HeadReader.read() returns the bytes behind the head", async () => {
  const { read } = await readChunks(
    HEAD.slice(0, 20),
    HEAD.slice(20) + "\x81\x80",
  );
  assertEquals(found(read), { text: HEAD, behind: "\x81\x80" });
});

Deno.test("HeadReader.read() starts no read after the one in which the head ends", async () => {
  const conn = new FakeConn();
  conn.arrive(bytesOf(HEAD));
  conn.arrive(bytesOf("more"));
  assertEquals(found(await readHead(conn)).behind, "");
  const buffer = new Uint8Array(10);
  assertEquals(await conn.read(buffer), 4);
});

Deno.test("HeadReader.read() decodes Latin-1", async () => {
  const text = HEAD.replace("localhost", "caf\xe9\xff\x80");
  const { read } = await readChunks(text);
  assertEquals(found(read).text, text);
});

for (
  const length of [
    511,
    512,
    513,
    1023,
    1024,
    1025,
    8193,
    MAX_HEAD - 1,
    MAX_HEAD,
  ]
) {
  Deno.test(`HeadReader.read() reads a head of ${length} bytes`, async () => {
    const text = headOf(length);
    const { read } = await readChunks(text);
    assertEquals(found(read), { text, behind: "" });
  });
}

Deno.test("HeadReader.read() keeps the first buffer for most heads", async () => {
  const { read } = await readChunks(headOf(HEAD_BUFFER));
  const { buffer } = headIn(read);
  assertEquals(buffer.size, HEAD_BUFFER);
  bufferPool.give(buffer);
});

Deno.test("HeadReader.read() gives a smaller buffer back when it takes a larger one", async () => {
  const before = [512, 1024, 2048].map(next);
  const { read } = await readChunks(headOf(2049));
  const { buffer } = headIn(read);
  assertEquals(buffer.size, 4096);
  assertEquals([512, 1024, 2048].map(next), before);
  bufferPool.give(buffer);
});

for (
  const [name, chunks] of Object.entries({
    "without an end": ["x".repeat(MAX_HEAD)],
    "of one byte more": [headOf(MAX_HEAD + 1)],
    "whose end is cut off": [headOf(MAX_HEAD + 3)],
  })
) {
  Deno.test(`HeadReader.read() refuses a head ${name} with 431, and returns the buffer`, async () => {
    const buffer = next(MAX_HEAD);
    const { read } = await readChunks(...chunks);
    const refused = refusedIn(read);
    assertEquals(refused.error.status, 431);
    assert(refused.buffer === buffer);
    bufferPool.give(buffer);
  });
}

Deno.test("HeadReader.read() waits until the head is complete", async () => {
  const conn = new FakeConn();
  let settled = false;
  const reading = readHead(conn).finally(() => settled = true);
  for (const character of HEAD) {
    assertEquals([settled, conn.isReading], [false, true]);
    conn.arrive(bytesOf(character));
    await quiet();
  }
  assertEquals(found(await reading).text, HEAD);
});

for (const before of ["", HEAD.slice(0, -1)]) {
  Deno.test(`HeadReader.read() reports that a client ended after ${before.length} bytes, and gives the buffer back`, async () => {
    const buffer = next(HEAD_BUFFER);
    const conn = new FakeConn();
    if (before !== "") conn.arrive(bytesOf(before));
    conn.arriveEnd();
    assertEquals(await readHead(conn), { kind: "closed" });
    assert(next(HEAD_BUFFER) === buffer);
  });
}

Deno.test("HeadReader.read() reports that a read failed, and gives the buffer back", async () => {
  const buffer = next(HEAD_BUFFER);
  const conn = new FakeConn();
  const reading = readHead(conn);
  conn.failRead();
  assertEquals(await reading, { kind: "closed" });
  assert(next(HEAD_BUFFER) === buffer);
});

Deno.test("HeadReader.read() reports that the socket was closed, and gives the buffer back when the read has settled", async () => {
  const buffer = next(HEAD_BUFFER);
  const conn = new FakeConn();
  conn.settlesOnClose = false;
  const reading = readHead(conn);
  conn.close();
  await quiet();
  assertEquals(next(HEAD_BUFFER) === buffer, false);
  conn.failRead();
  assertEquals(await reading, { kind: "closed" });
  assert(next(HEAD_BUFFER) === buffer);
});

Deno.test("HeadReader.stop() ends the reading, and returns the buffer of the pending read", async () => {
  const conn = new FakeConn();
  const reader = new HeadReader(new ConnSocket(conn));
  const reading = reader.read();
  const error = { status: 408, message: "Too late." };
  reader.stop(error);
  const read = refusedIn(await reading);
  assertEquals(read.error, error);
  assertEquals(read.buffer.view, conn.readBuffer);
  conn.failRead();
  await quiet();
  bufferPool.give(read.buffer);
});
