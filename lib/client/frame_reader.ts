/**
 * Decodes the frames of a server, or of a client (RFC 6455 §5). It does no I/O: the caller
 * puts bytes in and takes frames out.
 *
 * @module
 */

import { CONTROL, FIN, MAX_CONTROL_PAYLOAD } from "../frame/codec/header.ts";
import { OPCODE_NUMBER } from "../websocket.ts";
import { FaultRecord, type Sender } from "./protocol_error.ts";

/**
 * A frame as received.
 *
 * @example
 * ```ts
 * import { type Routes, serve } from "@ws-echo/server";
 * import { connect, type ServerFrame } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const lineOf = ({ opcode, final, payload }: ServerFrame) =>
 *   `opcode ${opcode}, FIN ${final}, ${payload.length} bytes`;
 * const routes: Routes = {
 *   "/ws": { open: (connection) => connection.send("hello"), frame() {} },
 * };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * assertEquals(lineOf(await client.nextFrame()), "opcode 1, FIN true, 5 bytes");
 * ```
 */
export interface ServerFrame {
  /** 0 to 2, or 8 to 10; any number from 0 to 15 if the reader is tolerant. */
  readonly opcode: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** RSV1 to RSV3 as a number from 0 to 7; RSV1 is 4. */
  readonly rsv: number;
  /** Unmasked; valid until the next read. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Whether the frame was masked. */
  readonly masked: boolean;
  /** The masking key, four bytes; valid until the next read. */
  readonly mask: Uint8Array<ArrayBuffer> | undefined;
  /** Bytes of header and payload on the wire. */
  readonly wireLength: number;
}

/**
 * Options of {@linkcode FrameReader}.
 *
 * @example
 * ```ts
 * import { type Routes, serve } from "@ws-echo/server";
 * import { connect, type FrameReaderOptions } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const reading: FrameReaderOptions = { allowedRsv: 4 }; // RSV1: compressed
 * const options = { ...reading, extensions: "permessage-deflate" };
 * const text = "a".repeat(2000);
 * const routes: Routes = {
 *   "/ws": { open: (connection) => connection.send(text), frame() {} },
 * };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`, options);
 * assertEquals((await client.nextFrame()).rsv, 4);
 * ```
 */
export interface FrameReaderOptions {
  /**
   * The peer that sends the frames: a masked frame of a server and an unmasked frame of a
   * client are violations (RFC 6455 §5.1).
   * @default "server"
   */
  readonly from?: Sender;
  /**
   * Reserved bits that an extension uses, as a number from 0 to 7; RSV1 is 4.
   * @default 0
   */
  readonly allowedRsv?: number;
  /**
   * Whether reading continues after a violation, as far as that is possible.
   * @default false
   */
  readonly tolerant?: boolean;
  /**
   * Maximum payload of a frame in bytes; a longer one is a violation.
   * @default 64 MiB
   */
  readonly maxPayload?: number;
}

/** Initial size of the buffer in bytes. */
const FIRST_SIZE = 512;

/** Maximum size of the buffer in bytes; a larger frame exceeds it. */
const MAX_SIZE = 64 * 1024;

/**
 * Maximum factor by which a full buffer grows for a long frame. Memory is taken for bytes
 * that have arrived, not for the length in the header.
 */
const GROWTH = 4;

/** Default of the maximum payload length in bytes. */
const MAX_PAYLOAD = 64 * 2 ** 20;

const MASK = 0x80;

const { continuation: CONTINUATION, binary: BINARY, pong: PONG } =
  OPCODE_NUMBER;

/**
 * Decodes the frames of one connection.
 *
 * @example Reads the frames of a client
 * ```ts
 * import { encodeFrame, FrameReader } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new FrameReader({ from: "client" });
 * reader.push(encodeFrame("text", "hello"));
 * const frame = reader.next();
 * assertEquals(new TextDecoder().decode(frame?.payload), "hello");
 * assertEquals([frame?.masked, frame?.wireLength], [true, 11]);
 * ```
 */
export class FrameReader {
  readonly #allowedRsv: number;
  readonly #maxPayload: number;
  /** The MASK bit that the sender has to set or to leave out. */
  readonly #maskBit: number;
  readonly #record: FaultRecord;
  #bytes = new Uint8Array(FIRST_SIZE);
  /** Start of the bytes that are not decoded. */
  #start = 0;
  /** End of the received bytes. */
  #end = 0;
  /** Desired size of the buffer in bytes. */
  #size = FIRST_SIZE;
  /** Size of an incomplete frame with its header, or 0. */
  #wanted = 0;
  #inMessage = false;
  /** Checked bytes of the current header. */
  #checked = 0;

  /**
   * Makes a reader at the start of a stream of frames.
   *
   * @param options the sender, extensions, faulty senders
   * @param record gets the violations
   */
  constructor(
    options: FrameReaderOptions = {},
    record: FaultRecord = new FaultRecord(
      options.tolerant,
      options.from,
    ),
  ) {
    this.#allowedRsv = options.allowedRsv ?? 0;
    this.#maxPayload = options.maxPayload ?? MAX_PAYLOAD;
    this.#maskBit = options.from === "client" ? MASK : 0;
    this.#record = record;
  }

  /** Bytes of memory that the reader holds. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Number of received bytes that are not decoded. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /**
   * Removes bytes that are not frames, such as an HTTP body.
   *
   * @param count maximum number of bytes
   */
  takeRaw(count = Infinity): Uint8Array<ArrayBuffer> {
    const end = Math.min(this.#end, this.#start + count);
    const taken = this.#bytes.slice(this.#start, end);
    this.#start = end;
    return taken;
  }

  /**
   * Returns the memory for the next read. This invalidates the payloads of all
   * returned frames.
   */
  space(): Uint8Array<ArrayBuffer> {
    const held = this.buffered;
    const { length } = this.#bytes;
    if (held === length || length < this.#size) {
      const larger = new Uint8Array(Math.max(this.#size, this.#grown));
      larger.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = larger;
    } else if (
      this.#end === length ||
      this.#start > 0 && this.#start + this.#wanted > length
    ) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
    } else if (held > 0) {
      return this.#bytes.subarray(this.#end);
    }
    this.#start = 0;
    this.#end = held;
    return this.#bytes.subarray(held);
  }

  /**
   * Reports the size of a read. The buffer grows as long as reads fill it.
   *
   * @param count bytes written to {@linkcode FrameReader.space}
   */
  received(count: number): void {
    this.#end += count;
    const { length } = this.#bytes;
    if (this.#end === length) this.#size = Math.min(2 * length, MAX_SIZE);
  }

  /**
   * Copies received bytes into the buffer.
   *
   * @param bytes from the sender
   */
  push(bytes: Uint8Array): void {
    while (bytes.length > 0) {
      const space = this.space();
      const count = Math.min(space.length, bytes.length);
      space.set(bytes.subarray(0, count));
      this.received(count);
      bytes = bytes.subarray(count);
    }
  }

  /**
   * Decodes the next frame.
   *
   * @returns `undefined` if no frame is complete
   * @throws {ProtocolError} the sender violated RFC 6455
   */
  next(): ServerFrame | undefined {
    this.#record.throwIfFatal();
    const available = this.#end - this.#start;
    if (available === 0 && this.#bytes.length > MAX_SIZE) this.#shrink();
    if (available < 2) return undefined;
    const bytes = this.#bytes;
    const start = this.#start;
    const first = bytes[start]!;
    const second = bytes[start + 1]!;
    if (this.#checked === 0) {
      this.#check(first, second);
      this.#checked = 2;
    }
    const short = second & 0x7f;
    const lengthEnd = short < 126 ? 2 : short === 126 ? 4 : 10;
    const size = second < MASK ? lengthEnd : lengthEnd + 4;
    if (available < size) return undefined;
    const length = lengthEnd === 2
      ? short
      : this.#longLength(start + 2, lengthEnd - 2);
    if (available < size + length) {
      this.#wanted = size + length;
      return undefined;
    }
    this.#wanted = 0;
    this.#checked = 0;
    this.#start = start + size + length;
    const opcode = first & 0xf;
    const final = first >= FIN;
    if (opcode <= BINARY) this.#inMessage = !final;
    const rsv = (first >> 4) & 7;
    const payload = bytes.subarray(start + size, this.#start);
    const wireLength = size + length;
    const masked = second >= MASK;
    let mask: Uint8Array<ArrayBuffer> | undefined;
    if (masked) {
      mask = bytes.subarray(start + lengthEnd, start + size);
      unmask(payload, mask);
    }
    return { opcode, final, rsv, payload, masked, mask, wireLength };
  }

  /** Size of the buffer that replaces a full one. */
  get #grown(): number {
    const { length } = this.#bytes;
    return this.#wanted > length
      ? Math.min(this.#wanted, GROWTH * length)
      : 2 * length;
  }

  /** Replaces the buffer of a long frame by a smaller one. */
  #shrink(): void {
    this.#bytes = new Uint8Array(this.#size);
    this.#start = this.#end = 0;
  }

  /** Checks the first two bytes of a header. */
  #check(first: number, second: number): void {
    const record = this.#record;
    const opcode = first & 0xf;
    const rsv = (first >> 4) & 7;
    if ((rsv & ~this.#allowedRsv) !== 0) {
      record.report("reserved bit", "a reserved bit without an extension");
    }
    if (opcode > BINARY && opcode < CONTROL || opcode > PONG) {
      record.report("reserved opcode", `the opcode ${opcode}`);
    }
    if ((second & MASK) !== this.#maskBit) {
      if (second >= MASK) record.report("masked frame", "a masked frame");
      else record.report("unmasked frame", "an unmasked frame");
    }
    if (opcode >= CONTROL) {
      if (first < FIN) {
        record.report(
          "fragmented control frame",
          "a control frame without FIN",
        );
      }
      if ((second & 0x7f) > MAX_CONTROL_PAYLOAD) {
        record.report("long control frame", "a control frame over 125 bytes");
      }
    } else if (opcode === CONTINUATION && !this.#inMessage) {
      record.report(
        "continuation of nothing",
        "a CONTINUATION with no message to continue",
      );
    } else if (opcode !== CONTINUATION && this.#inMessage) {
      record.report(
        "message inside a message",
        "a new message inside a fragmented one",
      );
    }
  }

  #longLength(at: number, size: number): number {
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + this.#bytes[at + i]!;
    if (this.#checked > 2) return length;
    this.#checked += size;
    const record = this.#record;
    if (length < (size === 2 ? 126 : 65536)) {
      record.report(
        "length not in its shortest form",
        `the length ${length} in ${size} bytes`,
      );
    }
    if (length >= 2 ** 63) {
      record.fail("length over 63 bits", "a length over 63 bits");
    }
    if (length > this.#maxPayload) {
      record.fail("too long", `a frame of ${length} bytes`);
    }
    return length;
  }
}

/** Unmasks a payload in place. */
function unmask(payload: Uint8Array, key: Uint8Array): void {
  for (let i = 0; i < payload.length; i++) payload[i]! ^= key[i & 3]!;
}
