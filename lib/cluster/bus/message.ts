/**
 * Messages between instances as bytes: a head in JSON, behind its length, and a
 * body as it is.
 *
 * @module
 */

/** What instances say to each other. */
export type Head =
  | {
    /** The sender is there; `isNew`: and wants to know who else is. */
    readonly kind: "here";
    readonly from: string;
    readonly isNew: boolean;
  }
  | {
    /** The sender leaves. */
    readonly kind: "bye";
    readonly from: string;
  }
  | {
    /** A question, by a number of the sender's own. */
    readonly kind: "question";
    readonly from: string;
    readonly number: number;
    readonly content: unknown;
  }
  | {
    /** The answer to the question of that number. */
    readonly kind: "answer";
    readonly from: string;
    readonly number: number;
    readonly content: unknown;
  };

/** A message in its two pieces. */
export interface Message {
  /** What it says. */
  readonly head: Head;
  /** Bytes that belong to it. */
  readonly body: Uint8Array;
}

/** Names this form of messages; instances that speak another do not understand each other. */
const VERSION = 1;

/** Bytes in front of the head: the version, and the head's length in 32 bits. */
const PREFIX = 5;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Writes a message.
 *
 * @param head what it says
 * @param body bytes that belong to it
 */
export function encodeMessage(
  head: Head,
  body: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const text = encoder.encode(JSON.stringify(head));
  const bytes = new Uint8Array(PREFIX + text.length + body.length);
  bytes[0] = VERSION;
  new DataView(bytes.buffer).setUint32(1, text.length);
  bytes.set(text, PREFIX);
  bytes.set(body, PREFIX + text.length);
  return bytes;
}

/**
 * Reads a message.
 *
 * @param bytes whatever arrived
 * @returns `undefined` where the bytes are no message of this form
 */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < PREFIX || bytes[0] !== VERSION) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = PREFIX + view.getUint32(1);
  if (end > bytes.length) return undefined;
  try {
    const head = JSON.parse(decoder.decode(bytes.subarray(PREFIX, end)));
    return isHead(head) ? { head, body: bytes.subarray(end) } : undefined;
  } catch {
    return undefined;
  }
}

function isHead(head: Partial<Head> | null): head is Head {
  if (!isInstance(head?.from)) return false;
  switch (head?.kind) {
    case "here":
      return typeof head.isNew === "boolean";
    case "bye":
      return true;
    case "question":
    case "answer":
      return Number.isSafeInteger(head.number) && head.content !== undefined;
    default:
      return false;
  }
}

/**
 * Whether a value may name an instance.
 *
 * @param value anything
 */
export function isInstance(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}$/.test(value);
}
