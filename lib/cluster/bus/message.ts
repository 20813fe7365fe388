/**
 * The format of messages between instances: one byte version, four bytes length of the
 * head, the head in JSON, and a body of any bytes.
 *
 * @module
 */

/** The head of a message. */
export type Head =
  | {
    /** A heartbeat; `isNew` asks the receivers for theirs. */
    readonly kind: "here";
    readonly from: string;
    readonly isNew: boolean;
  }
  | {
    /** The sender shuts down. */
    readonly kind: "bye";
    readonly from: string;
  }
  | {
    /** A request; the sender chooses its number. */
    readonly kind: "question";
    readonly from: string;
    readonly number: number;
    readonly content: unknown;
  }
  | {
    /** The reply to the request of that number. */
    readonly kind: "answer";
    readonly from: string;
    readonly number: number;
    readonly content: unknown;
  };

/** A decoded message. */
export interface Message {
  /** The head. */
  readonly head: Head;
  /** The body, which may be empty. */
  readonly body: Uint8Array;
}

/** Version of the format; an instance ignores messages of another version. */
const VERSION = 1;

/** Bytes in front of the head: the version, and the head's length in 32 bits. */
const PREFIX = 5;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Encodes a message.
 *
 * @param head the head
 * @param body the body
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
 * Decodes a message.
 *
 * @param bytes untrusted bytes
 * @returns `undefined` if the bytes are no message of this version
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
 * Whether a value has the form of an instance's name: 8 hexadecimal digits.
 *
 * @param value anything
 */
export function isInstance(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}$/.test(value);
}
