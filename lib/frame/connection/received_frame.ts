/**
 * A frame in the receive buffer, as a handler sees it.
 *
 * @module
 */

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

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A view of bytes that arrived. One view serves frame after frame, so that a
 * frame costs no allocation; what a handler asks for is made then.
 */
export class ReceivedFrame implements Frame {
  /** The memory that holds the payload. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** The payload's first byte. */
  start = 0;
  /** The byte behind the payload. */
  end = 0;
  /** The opcode on the wire. */
  code = 0;
  /** FIN, or the last piece of a frame with FIN. */
  final = true;
  /** Bytes of the whole frame's payload. */
  length = 0;
  /** Bytes of it that are still to come. */
  left = 0;
  /** Whether the payload's memory is its own: no connection reads into it. */
  isOwn = false;
  /** Whether an output has taken that memory over. */
  isTaken = false;

  /** What the payload is. */
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
 * The view that is handed to handlers. Handlers run to their end before the next
 * frame of any connection is looked at, so one is enough.
 */
export let view: ReceivedFrame = new ReceivedFrame();

/** Leaves the view to a handler that is not at its end; whoever is next gets another. */
export function leaveView(): void {
  view = new ReceivedFrame();
}
