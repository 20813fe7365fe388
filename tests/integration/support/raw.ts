/**
 * A client on a TCP connection that sends any bytes and reads frames as they are
 * on the wire.
 *
 * @module
 */

import { type Fields, handshake, OPCODE } from "./wire.ts";
import { within } from "./within.ts";

/** A frame as read from the wire. */
export interface RawFrame {
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Uint8Array;
}

/** A response to a request. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A TCP connection to a listener. */
export class RawClient implements Disposable {
  /** The socket. */
  readonly conn: Deno.TcpConn;
  #bytes = new Uint8Array(0);

  private constructor(conn: Deno.TcpConn) {
    this.conn = conn;
  }

  /** Connects and sends the first bytes. */
  static async connect(
    address: { hostname: string; port: number },
    first: string | Uint8Array = "",
  ): Promise<RawClient> {
    const client = new RawClient(await Deno.connect(address));
    await client.write(first);
    return client;
  }

  /**
   * Connects and upgrades; throws when the handshake is refused.
   *
   * @param address of the server
   * @param path the request target
   * @param fields of the request, in addition to the usual ones
   * @param early bytes that follow the request at once, so that they cannot cross a CLOSE
   */
  static async upgrade(
    address: { hostname: string; port: number },
    path: string,
    fields: Fields = {},
    early: Uint8Array = new Uint8Array(0),
  ): Promise<RawClient> {
    const request = new TextEncoder().encode(handshake(path, fields));
    const client = await RawClient.connect(
      address,
      new Uint8Array([...request, ...early]),
    );
    const { status, body } = await client.response();
    if (status === 101) return client;
    client[Symbol.dispose]();
    throw new Error(`refused with ${status}: ${body}`);
  }

  /** Sends bytes; resolves when the operating system has taken them all. */
  async write(data: string | Uint8Array): Promise<void> {
    let bytes = typeof data === "string"
      ? new TextEncoder().encode(data)
      : data;
    while (bytes.length > 0) {
      bytes = bytes.subarray(await this.conn.write(bytes));
    }
  }

  /** Reads the next response. */
  async response(): Promise<RawResponse> {
    const lines = (await this.head()).split("\r\n");
    const status = Number(lines[0]!.split(" ")[1]);
    const headers = new Headers(
      lines.slice(1).map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
    );
    const length = Number(headers.get("content-length") ?? 0);
    const body = new TextDecoder().decode(await this.#take(length));
    return { status, headers, body };
  }

  /** Reads the next frame. */
  async frame(): Promise<RawFrame> {
    const [first, second] = await this.#take(2);
    if ((first! & 0x70) !== 0) throw new Error("a reserved bit is set");
    if ((second! & 0x80) !== 0) throw new Error("a server's frame is masked");
    let length = second!;
    if (length >= 126) {
      const extended = await this.#take(length === 126 ? 2 : 8);
      length = extended.reduce((sum, byte) => sum * 256 + byte, 0);
    }
    return {
      opcode: first! & 15,
      final: first! >= 0x80,
      payload: await this.#take(length),
    };
  }

  /** Reads a number of bytes. */
  bytes(count: number): Promise<Uint8Array> {
    return this.#take(count);
  }

  /** Reads the next frame's payload as text; throws when it has another opcode. */
  async text(opcode: number = OPCODE.text): Promise<string> {
    const frame = await this.frame();
    if (frame.opcode !== opcode) {
      throw new Error(`opcode ${frame.opcode} instead of ${opcode}`);
    }
    return new TextDecoder().decode(frame.payload);
  }

  /** Reads a CLOSE and returns its code, or 1005 without one. */
  async closeCode(): Promise<number> {
    const { opcode, payload } = await this.frame();
    if (opcode !== OPCODE.close) throw new Error(`opcode ${opcode}`);
    return payload.length === 0 ? 1005 : payload[0]! * 256 + payload[1]!;
  }

  /** Reads to the end of the connection; returns the bytes that were left. */
  async end(): Promise<Uint8Array> {
    while (await this.#more());
    return this.#bytes;
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    try {
      this.conn.close();
    } catch {
      // The test has closed it already.
    }
  }

  /** Reads a head, without its empty line; Latin-1. */
  async head(): Promise<string> {
    for (;;) {
      const text = new TextDecoder("latin1").decode(this.#bytes);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#bytes = this.#bytes.subarray(end + 4);
        return text.slice(0, end);
      }
      if (!await this.#more()) throw new Error(`end of input after "${text}"`);
    }
  }

  async #take(count: number): Promise<Uint8Array> {
    while (this.#bytes.length < count) {
      if (!await this.#more()) {
        throw new Error(`end of input after ${this.#bytes.length} bytes`);
      }
    }
    const taken = this.#bytes.slice(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /** Reads once; false at the end of the input and after a reset. */
  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(65536);
    const count = await within(
      this.conn.read(buffer).catch((error) => {
        if (error instanceof Deno.errors.ConnectionReset) return null;
        throw error;
      }),
      "bytes from the server",
    );
    if (count === null) return false;
    const joined = new Uint8Array(this.#bytes.length + count);
    joined.set(this.#bytes);
    joined.set(buffer.subarray(0, count), this.#bytes.length);
    this.#bytes = joined;
    return true;
  }
}

/**
 * Sends one request and reads its response.
 *
 * @param address of the listener
 * @param head the request
 */
export async function exchange(
  address: { hostname: string; port: number },
  head: string | Uint8Array,
): Promise<RawResponse> {
  using client = await RawClient.connect(address, head);
  return await client.response();
}
