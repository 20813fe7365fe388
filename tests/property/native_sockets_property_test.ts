import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import type { Socket, SocketUser } from "../../lib/frame/transport/socket.ts";
import { eventually } from "../integration/support/within.ts";
import {
  NativePort,
  nativeTest,
} from "../lib/frame/transport/native/fixture.ts";
import { runs } from "../long.ts";

const RUNS = runs(60, 1000);

/** The bytes of all streams. No two places of it are alike, and its length is a prime. */
const PATTERN = Uint8Array.from(
  { length: 65_521 },
  (_, i) => (i * 31 + (i >> 8)) & 255,
);

/** The bytes of a stream from an offset on. */
function piece(offset: number, length: number, seed: number) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const from = (offset + at + seed * 991) % PATTERN.length;
    const part = PATTERN.subarray(from, from + length - at);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** One direction of a connection: what was sent, and how much of it has arrived. */
class Stream {
  sent = 0;
  arrived = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  next(length: number): Uint8Array<ArrayBuffer> {
    const bytes = piece(this.sent, length, this.#seed);
    this.sent += length;
    return bytes;
  }

  check(bytes: Uint8Array): void {
    const expected = piece(this.arrived, bytes.length, this.#seed);
    assert(
      Buffer.compare(bytes, expected) === 0,
      `wrong bytes from ${this.arrived}`,
    );
    this.arrived += bytes.length;
    assert(this.arrived <= this.sent, "more than was sent");
  }
}

/** The server's side. It checks that each operation ends once, and none unasked. */
class ServerSide implements SocketUser {
  readonly #socket: Socket;
  readonly #input: Stream;
  readonly #output: Stream;
  readonly #view = new Uint8Array(10_000);
  /** Bytes of the write that is under way. */
  #unwritten = 0;
  #isReading = false;
  #hasEnded = false;
  #endsWrites = false;
  #readsOn = false;
  isBroken = false;
  isClosed = false;

  constructor(socket: Socket, input: Stream, output: Stream) {
    this.#socket = socket;
    this.#input = input;
    this.#output = output;
    socket.user = this;
  }

  get isIdle(): boolean {
    return !this.#isReading && this.#unwritten === 0;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  read(): void {
    const ends = this.#hasEnded || this.isBroken || this.isClosed;
    if (this.#isReading || ends) return;
    this.#isReading = true;
    this.#socket.read(this.#view);
  }

  /** Reads to the end. */
  readOn(): void {
    this.#readsOn = true;
    this.read();
  }

  write(length: number): void {
    const ends = this.#endsWrites || this.isBroken || this.isClosed;
    if (this.#unwritten > 0 || ends) return;
    this.#unwritten = length;
    this.#unwritten -= this.#socket.write(this.#output.next(length));
    assert(this.#unwritten >= 0, "more than there was to write");
  }

  endWrites(): void {
    const ends = this.#endsWrites || this.isBroken || this.isClosed;
    if (this.#unwritten > 0 || ends) return;
    this.#endsWrites = true;
    this.#socket.endWrites();
  }

  close(): void {
    this.isClosed = true;
    this.#socket.close();
  }

  async reset(): Promise<void> {
    this.isClosed = true;
    await this.#socket.reset();
  }

  arrived(count: number): void {
    assert(this.#isReading && !this.#hasEnded, "bytes that no read asked for");
    this.#isReading = false;
    this.#input.check(this.#view.subarray(0, count));
    if (this.#readsOn) this.read();
  }

  readEnded(): void {
    assert(this.#isReading && !this.#hasEnded, "a second end");
    this.#isReading = false;
    this.#hasEnded = true;
  }

  readFailed(): void {
    assert(this.#isReading, "the failure of no read");
    this.#isReading = false;
    this.isBroken = true;
  }

  written(count: number): void {
    this.#unwritten -= count;
    assert(this.#unwritten >= 0, "more than there was to write");
  }

  writeFailed(): void {
    assert(this.#unwritten > 0 || this.#endsWrites, "the failure of no write");
    this.#unwritten = 0;
    this.isBroken = true;
  }
}

/** The client's side, on the runtime's sockets. */
class ClientSide {
  readonly #conn: Deno.TcpConn;
  readonly #input: Stream;
  readonly #output: Stream;
  #writes: Promise<unknown> = Promise.resolve();
  #reads: Promise<unknown> = Promise.resolve();
  #isReading = false;
  #endsWrites = false;
  isClosed = false;

  constructor(conn: Deno.TcpConn, input: Stream, output: Stream) {
    this.#conn = conn;
    this.#input = input;
    this.#output = output;
  }

  write(length: number): void {
    if (this.isClosed || this.#endsWrites) return;
    this.#writes = this.#writes.then(async () => {
      const bytes = this.#output.next(length);
      for (let at = 0; at < length;) {
        at += await this.#conn.write(bytes.subarray(at));
      }
    }).catch(ignore);
  }

  endWrites(): void {
    if (this.isClosed || this.#endsWrites) return;
    this.#endsWrites = true;
    this.#writes = this.#writes.then(() => this.#conn.closeWrite())
      .catch(ignore);
  }

  /** Reads to the end. */
  read(): void {
    if (this.#isReading || this.isClosed) return;
    this.#isReading = true;
    this.#reads = this.#readAll().catch(ignore);
  }

  async #readAll(): Promise<void> {
    const buffer = new Uint8Array(20_000);
    for (let n; (n = await this.#conn.read(buffer)) !== null;) {
      this.#input.check(buffer.subarray(0, n));
    }
  }

  /** With unread input, the system sends a reset. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#conn.close();
  }

  async finished(): Promise<void> {
    await this.#writes;
    await this.#reads;
  }
}

/** A connection was reset or closed on purpose. */
function ignore(error: unknown): void {
  const isEnd = error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.NotConnected;
  if (!isEnd) throw error;
}

/** Both sides of one connection. */
class Pair {
  readonly toServer: Stream;
  readonly toClient: Stream;
  readonly server: ServerSide;
  readonly client: ClientSide;

  constructor(conn: Deno.TcpConn, socket: Socket, seed: number) {
    this.toServer = new Stream(seed);
    this.toClient = new Stream(seed + 100);
    this.server = new ServerSide(socket, this.toServer, this.toClient);
    this.client = new ClientSide(conn, this.toClient, this.toServer);
  }

  /** Ends the connection. Where no side has broken it off, every byte has to arrive. */
  async finish(): Promise<void> {
    const { server, client } = this;
    client.read();
    client.endWrites();
    const isOrderly = !server.isClosed && !client.isClosed;
    server.readOn();
    await eventually(() => {
      server.endWrites();
      const isOver = server.hasEnded || server.isBroken || server.isClosed;
      return isOver && server.isIdle;
    }, "the end of the operations");
    if (isOrderly) {
      await client.finished();
      assert(!server.isBroken, "an orderly connection broke");
      assertEquals(this.toServer.arrived, this.toServer.sent);
      assertEquals(this.toClient.arrived, this.toClient.sent);
    }
    server.close();
    client.close();
    await client.finished();
  }
}

const LENGTH = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: 9_000, max: 70_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_000_000, max: 16_000_000 }) },
);

const OPERATION = fc.oneof(
  { weight: 8, arbitrary: fc.constant("serverRead" as const) },
  { weight: 6, arbitrary: fc.constant("serverWrite" as const) },
  { weight: 1, arbitrary: fc.constant("serverEndWrites" as const) },
  { weight: 1, arbitrary: fc.constant("serverClose" as const) },
  { weight: 1, arbitrary: fc.constant("serverReset" as const) },
  { weight: 6, arbitrary: fc.constant("clientWrite" as const) },
  { weight: 3, arbitrary: fc.constant("clientRead" as const) },
  { weight: 1, arbitrary: fc.constant("clientEndWrites" as const) },
  { weight: 1, arbitrary: fc.constant("clientClose" as const) },
  { weight: 6, arbitrary: fc.constant("turn" as const) },
);

const SCRIPT = fc.array(
  fc.record({
    pair: fc.integer({ min: 0, max: 3 }),
    operation: OPERATION,
    length: LENGTH,
  }),
  { maxLength: 40, size: "max" },
);

type Step = typeof SCRIPT extends fc.Arbitrary<(infer Each)[]> ? Each : never;

async function run({ server, client }: Pair, step: Step): Promise<void> {
  switch (step.operation) {
    case "serverRead":
      return server.read();
    case "serverWrite":
      return server.write(step.length);
    case "serverEndWrites":
      return server.endWrites();
    case "serverClose":
      return server.close();
    case "serverReset":
      return await server.reset();
    case "clientWrite":
      return client.write(step.length);
    case "clientRead":
      return client.read();
    case "clientEndWrites":
      return client.endWrites();
    case "clientClose":
      return client.close();
    case "turn":
      await new Promise((resolve) => setTimeout(resolve));
  }
}

nativeTest(
  "native sockets deliver every byte in order, and end each operation once, in any order of operations",
  async () => {
    await fc.assert(
      fc.asyncProperty(SCRIPT, async (script) => {
        await using port = new NativePort();
        const pairs = [];
        for (let i = 0; i < 4; i++) {
          const { client, served } = await port.connect();
          pairs.push(new Pair(client, served.socket, i));
        }
        for (const step of script) await run(pairs[step.pair]!, step);
        await Promise.all(pairs.map((pair) => pair.finish()));
      }),
      { numRuns: RUNS },
    );
  },
);
