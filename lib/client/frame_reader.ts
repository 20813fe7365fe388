/**
 * Reads a server's frames, strictly (RFC 6455 §5): bytes in, frames or the
 * server's fault out. It does no I/O.
 *
 * @module
 */

import { CONTROL, FIN, MAX_CONTROL_PAYLOAD } from "../frame/codec/header.ts";
import { OPCODE_NUMBER } from "../websocket.ts";
import { ServerFault } from "./fault.ts";

/** A frame as it was on the wire. */
export interface ServerFrame {
  /** 0 to 2, or 8 to 10. */
  readonly opcode: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** RSV1 to RSV3 as a number from 0 to 7, RSV1 being 4. */
  readonly rsv: number;
  /** Valid until the next bytes are taken in; copy it to keep it. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** How strict to be. */
export interface FrameReaderOptions {
  /**
   * Bytes of a payload at most.
   * @default 64 MiB
   */
  readonly maxPayload?: number;
  /**
   * Reserved bits that were agreed on, as a number from 0 to 7, RSV1 being 4.
   * @default 0
   */
  readonly allowedRsv?: number;
}

/** Bytes of the buffer at first. */
const FIRST_SIZE = 512;

/** Bytes up to which the buffer grows, but for a frame that is larger. */
const MAX_SIZE = 64 * 1024;

const MAX_PAYLOAD = 64 * 2 ** 20;

const MASK = 0x80;

const { continuation: CONTINUATION, binary: BINARY, pong: PONG } =
  OPCODE_NUMBER;

/** The frames of one connection. */
export class FrameReader {
  readonly #maxPayload: number;
  readonly #allowedRsv: number;
  #bytes = new Uint8Array(FIRST_SIZE);
  /** The first byte that belongs to no frame yet. */
  #start = 0;
  /** The byte behind the last one that arrived. */
  #end = 0;
  /** Bytes that the buffer should have. */
  #size = FIRST_SIZE;
  /** Bytes of the frame that it is waiting for, header included, or 0. */
  #wanted = 0;
  #inMessage = false;

  /**
   * Makes a reader at the start of a stream of frames.
   *
   * @param options how strict to be
   */
  constructor(options: FrameReaderOptions = {}) {
    this.#maxPayload = options.maxPayload ?? MAX_PAYLOAD;
    this.#allowedRsv = options.allowedRsv ?? 0;
  }

  /** Bytes that arrived and belong to no frame yet. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /**
   * Takes bytes out that are no frames.
   *
   * @param count how many at most
   */
  takeRaw(count = Infinity): Uint8Array<ArrayBuffer> {
    const end = Math.min(this.#end, this.#start + count);
    const taken = this.#bytes.slice(this.#start, end);
    this.#start = end;
    return taken;
  }

  /**
   * Where the next read has to put its bytes; ends the validity of the payloads
   * that were given out.
   */
  space(): Uint8Array<ArrayBuffer> {
    const held = this.buffered;
    const { length } = this.#bytes;
    const size = Math.max(this.#size, this.#wanted, held + 1);
    if (length < size) {
      const larger = new Uint8Array(size);
      larger.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = larger;
    } else if (this.#end === length || this.#start + this.#wanted > length) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
    } else if (held > 0) {
      return this.#bytes.subarray(this.#end);
    }
    this.#start = 0;
    this.#end = held;
    return this.#bytes.subarray(held);
  }

  /**
   * Tells that bytes were read. The buffer grows while reads fill it.
   *
   * @param count how many, of the {@linkcode FrameReader.space}
   */
  received(count: number): void {
    this.#end += count;
    const { length } = this.#bytes;
    if (this.#end === length) this.#size = Math.min(2 * length, MAX_SIZE);
  }

  /**
   * Puts bytes in that were read elsewhere.
   *
   * @param bytes what arrived
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
   * The next frame, if it has arrived whole.
   *
   * @throws {ServerFault} bytes that no server may send
   */
  next(): ServerFrame | undefined {
    const available = this.#end - this.#start;
    if (available < 2) return undefined;
    const bytes = this.#bytes;
    const start = this.#start;
    const first = bytes[start]!;
    const second = bytes[start + 1]!;
    this.#check(first, second);
    const short = second & 0x7f;
    const size = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (available < size) return undefined;
    const length = size === 2 ? short : this.#longLength(start + 2, size - 2);
    if (available < size + length) {
      this.#wanted = size + length;
      return undefined;
    }
    this.#wanted = 0;
    this.#start = start + size + length;
    const opcode = first & 0xf;
    const final = first >= FIN;
    if (opcode < CONTROL) this.#inMessage = !final;
    return {
      opcode,
      final,
      rsv: (first >> 4) & 7,
      payload: bytes.subarray(start + size, this.#start),
    };
  }

  /** What the first two bytes tell. */
  #check(first: number, second: number): void {
    const opcode = first & 0xf;
    const rsv = (first >> 4) & 7;
    if ((rsv & ~this.#allowedRsv) !== 0) {
      throw new ServerFault("reserved bit", "a reserved bit, none agreed on");
    }
    if (opcode > BINARY && opcode < CONTROL || opcode > PONG) {
      throw new ServerFault("reserved opcode", `the opcode ${opcode}`);
    }
    if (second >= MASK) {
      throw new ServerFault("masked frame", "a masked frame");
    }
    if (opcode >= CONTROL) {
      if (first < FIN) {
        throw new ServerFault(
          "fragmented control frame",
          "a control frame without FIN",
        );
      }
      if (second > MAX_CONTROL_PAYLOAD) {
        throw new ServerFault(
          "long control frame",
          "a control frame over 125 bytes",
        );
      }
    } else if (opcode === CONTINUATION && !this.#inMessage) {
      throw new ServerFault(
        "continuation of nothing",
        "a CONTINUATION with no message to continue",
      );
    } else if (opcode !== CONTINUATION && this.#inMessage) {
      throw new ServerFault(
        "message inside a message",
        "a new message inside a fragmented one",
      );
    }
  }

  #longLength(at: number, size: number): number {
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + this.#bytes[at + i]!;
    if (length < (size === 2 ? 126 : 65536)) {
      throw new ServerFault(
        "length not in its shortest form",
        `the length ${length} in ${size} bytes`,
      );
    }
    if (length >= 2 ** 63) {
      throw new ServerFault("length over 63 bits", "a length over 63 bits");
    }
    if (length > this.#maxPayload) {
      throw new ServerFault("too long", `a frame of ${length} bytes`);
    }
    return length;
  }
}
