/**
 * A raw client: it sends any bytes, legal or not, in any pieces, and reads only on
 * request, so that no frame is missed or read too early.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { within } from "../integration/support/within.ts";
import {
  type Bytes,
  chops,
  close,
  closePayload,
  concat,
  OPCODE,
  type Payload,
  readServerHeader,
  serverFrame,
  toBytes,
  type WireFrame,
} from "./wire.ts";

/** The address of a listener. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** A response to a request. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The key of RFC 6455 §1.3, and the answer to it. */
export const SAMPLE = {
  key: "dGhlIHNhbXBsZSBub25jZQ==",
  accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
};

const FIELDS: Fields = {
  "Host": "127.0.0.1",
  "Upgrade": "websocket",
  "Connection": "Upgrade",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": SAMPLE.key,
};

/** Fields that differ from a correct handshake; `undefined` omits one. */
export type Fields = Readonly<Record<string, string | undefined>>;

/**
 * Writes the head of a handshake request.
 *
 * @param path the request target
 * @param fields fields that differ from a correct handshake
 * @param requestLine replaces the correct request line
 */
export function handshakeHead(
  path = "/ws",
  fields: Fields = {},
  requestLine = `GET ${path} HTTP/1.1`,
): string {
  const lines = Object.entries({ ...FIELDS, ...fields })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}`);
  return [requestLine, ...lines, "", ""].join("\r\n");
}

/** A TCP connection to the frame listener. */
export class TestClient implements Disposable {
  readonly #conn: Deno.TcpConn;
  /** The bytes that arrived and were not read yet. */
  #input: Bytes = new Uint8Array(0);

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    conn.setNoDelay(true);
  }

  /**
   * Connects, and sends nothing.
   *
   * @param address the listener's
   */
  static async connect(address: Address): Promise<TestClient> {
    return new TestClient(await Deno.connect({ ...address, transport: "tcp" }));
  }

  /**
   * Connects and performs the handshake.
   *
   * @param address the listener's
   * @param path the route's
   * @param options fields that differ, and bytes to send right after the head
   */
  static async open(
    address: Address,
    path = "/ws",
    options: { readonly fields?: Fields; readonly afterHead?: Uint8Array } = {},
  ): Promise<TestClient> {
    const client = await TestClient.connect(address);
    try {
      await client.write(
        toBytes(handshakeHead(path, options.fields)),
        options.afterHead ?? new Uint8Array(0),
      );
      const { status, body } = await client.response();
      if (status !== 101) throw new Error(`refused with ${status}: ${body}`);
      return client;
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Sends bytes in one write; resolves when the operating system has them all.
   *
   * @param arrays the bytes, in order
   */
  async write(...arrays: readonly Uint8Array[]): Promise<void> {
    let bytes = arrays.length === 1 ? arrays[0]! : concat(...arrays);
    while (bytes.length > 0) {
      bytes = bytes.subarray(await this.#conn.write(bytes));
    }
  }

  /**
   * Sends bytes in writes of a size.
   *
   * @param size bytes of a write: 1 sends byte by byte
   * @param arrays the bytes, in order
   */
  async writeChopped(
    size: number,
    ...arrays: readonly Uint8Array[]
  ): Promise<void> {
    for (const piece of chops(concat(...arrays), size)) await this.write(piece);
  }

  /** Half-closes: the server can still send. */
  async endWrites(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** The next response to a request; of a 101, only the head. */
  async response(): Promise<HttpResponse> {
    const [statusLine = "", ...lines] = (await this.head()).split("\r\n");
    const status = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(statusLine);
    if (status === null) throw new Error(`no status line: ${statusLine}`);
    const headers = new Headers();
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    const length = Number(headers.get("content-length") ?? 0);
    const body = new TextDecoder().decode(await this.take(length));
    return { status: Number(status[1]), headers, body };
  }

  /** The next frame. */
  async frame(): Promise<WireFrame> {
    let header;
    while ((header = readServerHeader(this.#input)) === undefined) {
      if (!await this.#more()) {
        throw new Error("the server ended before a frame");
      }
    }
    await this.take(header.size);
    const { opcode, final, length } = header;
    return { opcode, final, payload: await this.take(length) };
  }

  /** The next frame's payload as text, if it is a TEXT with FIN. */
  async text(): Promise<string> {
    const { opcode, final, payload } = await this.frame();
    assertEquals([opcode, final], [OPCODE.text, true], "TEXT with FIN");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(payload);
  }

  /**
   * The next bytes.
   *
   * @param count how many
   */
  async take(count: number): Promise<Bytes> {
    if (this.#input.length < count) await this.#fill(count);
    const taken = this.#input.subarray(0, count);
    this.#input = this.#input.subarray(count);
    return taken;
  }

  /** The bytes of one read, or the rest of the last one. */
  async takeOnce(): Promise<Bytes> {
    if (this.#input.length === 0) await this.#more();
    return this.take(this.#input.length);
  }

  /**
   * Reads frames and compares them.
   *
   * @param expected the next frames
   */
  async expect(...expected: readonly WireFrame[]): Promise<void> {
    for (const frame of expected) assertFrame(await this.frame(), frame);
  }

  /** Expects the server's end: no more bytes, and no reset. */
  async expectEnd(): Promise<void> {
    const rest = this.#input.length;
    assertEquals(rest, 0, "bytes before the end");
    assertEquals(await this.#more(), false, "bytes before the end");
  }

  /**
   * Expects this CLOSE, nothing more, and the server's end.
   *
   * @param code its code, or nothing for an empty one
   * @param reason its reason
   */
  async expectClose(code?: number, reason: Payload = ""): Promise<void> {
    await this.expect(serverFrame("close", closePayload(code, reason)));
    await this.expectEnd();
  }

  /**
   * Expects that the server fails the connection: CLOSE with a code and a reason, nothing
   * more, and the end.
   *
   * @param code the close code
   * @returns the reason
   */
  async expectFailure(code: number): Promise<string> {
    const { opcode, payload } = await this.frame();
    assertEquals(opcode, OPCODE.close, "CLOSE");
    assertEquals((payload[0]! << 8) | payload[1]!, code, "close code");
    const reason = new TextDecoder("utf-8", { fatal: true })
      .decode(payload.subarray(2));
    if (reason === "") throw new Error("the close reason is empty");
    await this.expectEnd();
    return reason;
  }

  /**
   * Closes; the server echoes the CLOSE, and ends.
   *
   * @param code the close code
   * @param reason the reason
   */
  async close(code = 1000, reason = ""): Promise<void> {
    await this.write(close(code, reason));
    await this.expectClose(code, reason);
  }

  /** Ends the connection. */
  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // The test has closed it.
    }
  }

  /** The next response's head, without its last empty line. */
  async head(): Promise<string> {
    const latin1 = new TextDecoder("latin1");
    for (;;) {
      const end = latin1.decode(this.#input).indexOf("\r\n\r\n");
      if (end >= 0) return latin1.decode(await this.take(end + 4)).slice(0, -4);
      if (!await this.#more()) {
        throw new Error("the server ended before a head");
      }
    }
  }

  async #fill(count: number): Promise<void> {
    const filled = new Uint8Array(count);
    let have = this.#input.length;
    filled.set(this.#input);
    while (have < count) {
      const read = await this.#read(filled.subarray(have));
      if (read === null) {
        throw new Error(`the server ended after ${have} bytes`);
      }
      have += read;
    }
    this.#input = filled;
  }

  /** Reads once; false at the end. */
  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(65536);
    const count = await this.#read(buffer);
    if (count === null) return false;
    this.#input = concat(this.#input, buffer.subarray(0, count));
    return true;
  }

  #read(buffer: Uint8Array): Promise<number | null> {
    return within(this.#conn.read(buffer), "bytes from the server");
  }
}

/** Bytes of a payload up to which it is shown in full where it differs. */
const SHOWN = 300;

function assertFrame(actual: WireFrame, expected: WireFrame): void {
  const name = { opcode: actual.opcode, final: actual.final };
  const expectedName = { opcode: expected.opcode, final: expected.final };
  assertEquals(
    { ...name, length: actual.payload.length, start: start(actual) },
    {
      ...expectedName,
      length: expected.payload.length,
      start: start(expected),
    },
  );
  assertSameBytes(actual.payload, expected.payload);
}

function start({ payload }: WireFrame): string {
  return payload.subarray(0, SHOWN).toHex();
}

/**
 * Compares byte arrays of any size.
 *
 * @param actual the received bytes
 * @param expected the expected bytes
 */
export function assertSameBytes(
  actual: Uint8Array,
  expected: Uint8Array,
): void {
  assertEquals(actual.length, expected.length, "bytes");
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] !== expected[i]) {
      throw new Error(`byte ${i} is ${actual[i]} instead of ${expected[i]}`);
    }
  }
}
