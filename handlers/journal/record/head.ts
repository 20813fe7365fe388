/**
 * Heads of requests and responses, as they are on the wire: order and case of the fields
 * are kept, secrets are masked, nothing is refused.
 *
 * @module
 */

import { toLatin1 } from "../../../lib/protocol/latin1.ts";
import { maskField, maskUrl } from "../../../lib/http/secret_masking.ts";

/** A name and a value. */
export type Field = readonly [name: string, value: string];

/** The head of a request or a response. Secrets are masked. */
export interface Head {
  /** The first line. */
  readonly line: string;
  /** The fields in their order. */
  readonly fields: readonly Field[];
  /**
   * Whether line and fields are as on the wire. False: the runtime gives lower-case names
   * in an order of its own.
   */
  readonly isRaw: boolean;
}

/** Bytes of a head that are kept; the rest of a longer one is skipped. */
const MAX_KEPT = 16 * 1024;

/** The end of a head: an empty line. */
const END = [0x0d, 0x0a, 0x0d, 0x0a] as const;

/** Collects the bytes of a head up to and with its empty line. */
export class HeadCollector {
  #text = "";
  /** Bytes of {@linkcode END} that the head ends with. */
  #matched = 0;

  /**
   * Takes the next bytes.
   *
   * @param bytes from the wire
   * @returns the number of bytes that belong to the head; fewer than `bytes` has, or all
   */
  push(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.#text.length < MAX_KEPT) {
        this.#text += String.fromCharCode(byte);
      }
      if (byte === END[this.#matched]) this.#matched++;
      else this.#matched = byte === END[0] ? 1 : 0;
      if (this.isComplete) return at + 1;
    }
    return bytes.length;
  }

  /** Whether the empty line was seen. */
  get isComplete(): boolean {
    return this.#matched === END.length;
  }

  /** The bytes so far. */
  get bytes(): Uint8Array {
    return toLatin1(this.#text);
  }

  /** The bytes so far, as Latin-1. */
  get text(): string {
    return this.#text;
  }
}

/**
 * Splits a head into its lines.
 *
 * @param text Latin-1, with or without the empty line
 */
export function parseHead(text: string): Head {
  const [line = "", ...lines] = text.split("\r\n");
  return {
    line: maskUrl(line),
    fields: lines.filter((field) => field !== "").map(parseField),
    isRaw: true,
  };
}

/** A line without a colon is a name without a value. */
function parseField(line: string): Field {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return maskedField(line.slice(0, colon), line.slice(colon + 1).trim());
}

/**
 * Masks a field.
 *
 * @param name of the field
 * @param value may be a secret
 */
function maskedField(name: string, value: string): Field {
  return [name, maskField(name, value)];
}

/**
 * The head of a request of which the runtime shows no bytes.
 *
 * @param request as the runtime gives it
 */
export function headOfRequest(
  { method, url, headers }: Pick<Request, "method" | "url" | "headers">,
): Head {
  const { pathname, search } = new URL(url);
  return {
    line: `${method} ${maskUrl(pathname + search)}`,
    fields: [...headers].map(([name, value]) => maskedField(name, value)),
    isRaw: false,
  };
}

/**
 * The head of a response that the listener completes.
 *
 * @param status of the response
 * @param headers that are known
 */
export function headOfResponse(status: number, headers: HeadersInit): Head {
  return {
    line: `${status}`,
    fields: [...new Headers(headers)].map(([name, value]) =>
      maskedField(name, value)
    ),
    isRaw: false,
  };
}

/**
 * Returns the values of a field.
 *
 * @param head of a request or a response
 * @param name in lower case
 */
export function valuesOf(head: Head | undefined, name: string): string[] {
  return (head?.fields ?? [])
    .filter(([other]) => other.toLowerCase() === name)
    .map(([, value]) => value);
}

/**
 * Returns the status of a response; `undefined` if its first line has none.
 *
 * @param head of the response
 */
export function statusOf(head: Head | undefined): number | undefined {
  const status = /^(?:.*HTTP\/\d(?:\.\d)? +)?(\d{3})(?: |$)/.exec(
    head?.line ?? "",
  );
  return status === null ? undefined : Number(status[1]);
}
