/**
 * permessage-deflate (RFC 7692) for {@linkcode TestClient}, on the documented functions of
 * `node:zlib`: each call gets the window.
 *
 * @module
 */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { assertEquals } from "@std/assert";
import { type Address, handshakeHead, TestClient } from "./client.ts";
import {
  type Bytes,
  concat,
  frame,
  OPCODE,
  type Payload,
  toBytes,
} from "./wire.ts";

/** The end of a flush, which a message omits (§7.2.1). */
export const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** RSV1 for {@linkcode frame}. */
export const RSV1 = 4;

const WINDOW = 32768;

/** A message as the server sent it, inflated where it was compressed. */
export interface Message {
  readonly opcode: number;
  readonly payload: Bytes;
  readonly compressed: boolean;
  /** Bytes of each fragment on the wire. */
  readonly fragments: readonly number[];
}

/** One direction's window. */
export class Window {
  #bytes: Bytes = new Uint8Array(0);
  readonly #size: number;

  /**
   * Starts empty.
   *
   * @param size bytes; 0 where every message starts with an empty window
   */
  constructor(size: number = WINDOW) {
    this.#size = size;
  }

  /**
   * Deflates a message.
   *
   * @param payload its payload
   * @returns the payload to send, its tail left out
   */
  deflate(payload: Payload): Bytes {
    const bytes = toBytes(payload);
    const dictionary = this.#bytes;
    const deflated = deflateRawSync(bytes, {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(dictionary.length > 0 && { dictionary }),
    });
    this.#shift(bytes);
    return Uint8Array.from(deflated).subarray(0, -TAIL.length);
  }

  /**
   * Inflates a message. The runtime takes no dictionary for that, so the window
   * stands in front of it, as a block without compression.
   *
   * @param payload the received payload
   */
  inflate(payload: Uint8Array): Bytes {
    const { length } = this.#bytes;
    const low = length & 0xff;
    const high = length >> 8;
    const head = Uint8Array.of(0, low, high, low ^ 0xff, high ^ 0xff);
    const inflated = inflateRawSync(
      concat(head, this.#bytes, payload, TAIL),
      { finishFlush: constants.Z_SYNC_FLUSH },
    );
    const message = Uint8Array.from(inflated).slice(length);
    this.#shift(message);
    return message;
  }

  #shift(bytes: Uint8Array): void {
    if (this.#size === 0) return;
    this.#bytes = concat(this.#bytes, bytes).slice(-this.#size);
  }
}

/** A client's frame with RSV1: a whole message, or its first fragment. */
export function compressed(
  opcode: keyof typeof OPCODE,
  payload: Uint8Array,
  final = true,
): Bytes {
  return frame(OPCODE[opcode], payload, { rsv: RSV1, final });
}

/** A client that has agreed on compression. */
export class DeflateClient implements Disposable {
  /** The connection. */
  readonly rawClient: TestClient;
  /** The server's `Sec-WebSocket-Extensions`. */
  readonly extensions: string;
  /** The client's window. */
  readonly sent: Window;
  /** The server's. */
  readonly received: Window;

  private constructor(rawClient: TestClient, extensions: string) {
    this.rawClient = rawClient;
    this.extensions = extensions;
    const size = (side: string) =>
      extensions.includes(`${side}_no_context_takeover`) ? 0 : WINDOW;
    this.sent = new Window(size("client"));
    this.received = new Window(size("server"));
  }

  /**
   * Connects and performs the handshake.
   *
   * @param address the listener's
   * @param path the route's
   * @param offer the `Sec-WebSocket-Extensions`
   */
  static async open(
    address: Address,
    path = "/ws",
    offer = "permessage-deflate",
  ): Promise<DeflateClient> {
    const rawClient = await TestClient.connect(address);
    const fields = { "Sec-WebSocket-Extensions": offer };
    await rawClient.write(toBytes(handshakeHead(path, fields)));
    const { status, headers } = await rawClient.response();
    assertEquals(status, 101);
    return new DeflateClient(
      rawClient,
      headers.get("sec-websocket-extensions") ?? "",
    );
  }

  /** Sends a compressed message in one frame. */
  async send(opcode: "text" | "binary", payload: Payload): Promise<void> {
    await this.rawClient.write(compressed(opcode, this.sent.deflate(payload)));
  }

  /** The next frame, its reserved bits as they are. */
  async frame(): Promise<
    { opcode: number; final: boolean; rsv: number; payload: Bytes }
  > {
    const [first, second] = await this.rawClient.take(2) as Bytes & [
      number,
      number,
    ];
    const size = second < 126 ? 0 : second === 126 ? 2 : 8;
    const length = size === 0
      ? second
      : (await this.rawClient.take(size)).reduce(
        (sum, byte) => sum * 256 + byte,
        0,
      );
    return {
      opcode: first & 15,
      final: first >= 128,
      rsv: (first >> 4) & 7,
      payload: await this.rawClient.take(length),
    };
  }

  /** The next message; RSV1 stands on its first frame or nowhere (§6.1). */
  async message(): Promise<Message> {
    const first = await this.frame();
    const payloads = [first.payload];
    let last = first;
    while (!last.final) {
      last = await this.frame();
      assertEquals([last.opcode, last.rsv], [0, 0], "a continuation");
      payloads.push(last.payload);
    }
    assertEquals(first.rsv & 3, 0, "RSV2 and RSV3");
    const joined = concat(...payloads);
    const isCompressed = first.rsv === RSV1;
    return {
      opcode: first.opcode,
      payload: isCompressed ? this.received.inflate(joined) : joined,
      compressed: isCompressed,
      fragments: payloads.map(({ length }) => length),
    };
  }

  /** The next message's payload as text. */
  async text(): Promise<string> {
    const { opcode, payload } = await this.message();
    assertEquals(opcode, OPCODE.text, "TEXT");
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  }

  [Symbol.dispose](): void {
    this.rawClient[Symbol.dispose]();
  }
}
