/**
 * A received frame, as a handler sees it: a view of the memory that holds it.
 *
 * @module
 */

import { free } from "../../memory/resize.ts";
import type { Frame, Opcode } from "../../websocket.ts";

/** The opcodes' names by their number. */
const OPCODES: readonly Opcode[] = nameByNumber();

function nameByNumber(): Opcode[] {
  const names = new Array<Opcode>(16).fill("binary");
  names[0x0] = "continuation";
  names[0x1] = "text";
  names[0x2] = "binary";
  names[0x8] = "close";
  names[0x9] = "ping";
  names[0xa] = "pong";
  return names;
}

/** Bytes of a message from which on its memory is freed at once, not by V8's collector. */
const LONG_MESSAGE = 4 * 2 ** 20;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A view of received bytes. One view serves all frames, so that a frame costs no
 * allocation; `payload` and `text()` allocate when a handler calls them.
 */
export class ReceivedFrame implements Frame {
  /** The memory that holds the payload. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** The payload's first byte. */
  start = 0;
  /** The byte after the payload. */
  end = 0;
  /** The opcode on the wire. */
  code = 0;
  /** FIN; of a part, whether it is the last one of a frame with FIN. */
  final = true;
  /** Bytes of the whole frame's payload. */
  length = 0;
  /** Bytes of the frame's payload after this part. */
  left = 0;
  /** Whether the memory is the payload's own: no connection reads into it. */
  isOwn = false;
  /** Whether an output has taken the own memory over. */
  isTaken = false;

  /** Bytes of the frame's payload in front of this part. */
  get offset(): number {
    return this.length - this.left - (this.end - this.start);
  }

  /** The name of the opcode. */
  get opcode(): Opcode {
    return OPCODES[this.code]!;
  }

  /** The payload's bytes; they are overwritten after the handler has returned. */
  get payload(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(this.start, this.end);
  }

  /** The payload as text. */
  text(): string {
    return decoder.decode(this.payload);
  }

  /**
   * Whether the payload begins with a text.
   *
   * @param prefix ASCII characters
   */
  startsWith(prefix: string): boolean {
    const { bytes, start } = this;
    if (this.end - start < prefix.length) return false;
    for (let i = 0; i < prefix.length; i++) {
      if (bytes[start + i] !== prefix.charCodeAt(i)) return false;
    }
    return true;
  }
}

/**
 * The view that handlers get. A handler returns before the next frame of any
 * connection is decoded, so one view is enough.
 */
export let view: ReceivedFrame = new ReceivedFrame();

/** Leaves the view to an asynchronous handler; the next frame gets a new one. */
export function detachView(): void {
  view = new ReceivedFrame();
}

/**
 * Points the view to memory that no connection reads into.
 *
 * @param bytes the memory
 */
export function showOwn(bytes: Uint8Array<ArrayBuffer>): void {
  view.bytes = bytes;
  view.isOwn = true;
  view.isTaken = false;
}

/**
 * Frees the memory of a long message after its handler, unless an output has taken
 * it over.
 *
 * @param message the memory of the view
 */
export function freeLong(message: Uint8Array<ArrayBuffer>): void {
  const { buffer } = message;
  if (buffer.byteLength >= LONG_MESSAGE && !view.isTaken) free(buffer);
}
