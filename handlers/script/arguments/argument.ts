/**
 * The kinds of arguments of steps.
 *
 * @module
 */

import { isToken } from "../../../lib/protocol/handshake.ts";

/** An argument of a step. */
export interface Argument<T> {
  /** The name in the notation, such as `MS`. */
  readonly name: string;
  /** The allowed values, for error messages and the catalogue. */
  readonly allowed: string;
  /** Whether it may be left out. */
  readonly isOptional?: true;
  /** Whether it takes the rest of the step, colons included. */
  readonly isRest?: true;
  /** Whether it is a step of its own, which the parser reads. */
  readonly isStep?: true;
  /** Whether it is read before percent-decoding. */
  readonly isRaw?: true;
  /**
   * Reads a value.
   *
   * @param text percent-decoded
   * @returns `undefined` for a text that is not allowed
   */
  parse(text: string): T | undefined;
}

/** The types of the values of a list of arguments. */
export type ValuesOf<A extends readonly Argument<unknown>[]> = {
  readonly [I in keyof A]: A[I] extends
    { isOptional: true; parse(text: string): infer T } ? T | undefined
    : A[I] extends { parse(text: string): infer T } ? Exclude<T, undefined>
    : never;
};

/** An argument that may be left out. */
export type Optional<T> = Argument<T> & { readonly isOptional: true };

/**
 * Makes an argument optional.
 *
 * @param argument of a step
 */
export function optional<T>(argument: Argument<T>): Optional<T> {
  return { ...argument, isOptional: true };
}

/** Maximum time of a step in milliseconds: one hour. */
export const MAX_TIME = 3_600_000;

/**
 * Milliseconds of a step above which its plan runs on the wire if the listener can. A
 * connection is not read from while too many messages wait for a step, so that the
 * client's end is not noticed; the wire notices it.
 */
export const MAX_UNNOTICED = 5000;

/**
 * Maximum number of bytes that a step sends, and of a message that a plan takes unless the
 * service sets another limit: 16 MiB.
 */
export const MAX_BYTES = 2 ** 24;

/** Maximum number of bytes of all fields `big-field` of a plan: 1 MiB. */
export const MAX_BIG_FIELDS = 2 ** 20;

/** Milliseconds up to an hour. */
export const ms: Argument<number> = number("MS", 0, MAX_TIME, "ms");

/** A number of messages. */
export const messages: Argument<number> = number("N", 1, 1_000_000, "messages");

/**
 * Makes the kind of a whole number.
 *
 * @param name in the notation
 * @param min the minimum
 * @param max the maximum
 * @param unit named in errors
 */
export function number(
  name: string,
  min: number,
  max: number,
  unit = "",
): Argument<number> {
  return {
    name,
    allowed: `${min} to ${max}${unit && ` ${unit}`}`,
    parse(text) {
      if (!/^\d{1,10}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
  };
}

const encoder = new TextEncoder();

/**
 * Makes the kind of a text. The last argument of a step may contain colons.
 *
 * @param name in the notation
 * @param maxBytes maximum size in bytes of UTF-8
 */
export function text(
  name: string,
  maxBytes = 8192,
): Argument<string> & { readonly isRest: true } {
  return { ...shortText(name, maxBytes), isRest: true };
}

/**
 * Makes the kind of a text without colons, unless they are percent-encoded.
 *
 * @param name in the notation
 * @param maxBytes maximum size in bytes of UTF-8
 */
export function shortText(name: string, maxBytes: number): Argument<string> {
  return {
    name,
    allowed: `a text of at most ${maxBytes} bytes`,
    parse: (text) => encoder.encode(text).length <= maxBytes ? text : undefined,
  };
}

/** A visible value of a header field; the rest of the step. */
export const fieldValue: Argument<string> & { readonly isRest: true } = {
  name: "VALUE",
  allowed: "the value of a header field, at most 8192 characters of Latin-1",
  isRest: true,
  parse: (text) =>
    /^[\t\x20-\x7e\xa0-\xff]{0,8192}$/.test(text) && text.trim() === text
      ? text
      : undefined,
};

/** A token (RFC 9110 §5.6.2), such as the name of a header field. */
export const token: Argument<string> = {
  name: "NAME",
  allowed: "a token of at most 128 characters",
  parse: (text) => text.length <= 128 && isToken(text) ? text : undefined,
};

/**
 * Makes the kind of one of some words.
 *
 * @param name in the notation
 * @param words the allowed words
 */
export function word<const W extends string>(
  name: string,
  ...words: readonly W[]
): Argument<W> {
  return {
    name,
    allowed: words.length === 1
      ? words[0]!
      : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
    parse: (text) => words.find((word) => word === text),
  };
}

/** Bytes that are made when they are sent: a plan that waits holds none. */
export interface ByteSource {
  /** Number of bytes. */
  readonly length: number;
  /** Makes the bytes. */
  make(): Uint8Array<ArrayBuffer>;
}

/**
 * Makes the kind of bytes: `8a00`, or `5:61` for five bytes of value 0x61.
 *
 * @param maxBytes maximum number of bytes
 */
export function bytes(
  maxBytes = MAX_BYTES,
): Argument<ByteSource> & { readonly isRest: true } {
  return {
    name: "BYTES",
    allowed: `HEX or N:BYTE, at most ${maxBytes} bytes`,
    isRest: true,
    parse(text) {
      const repeated = /^(\d{1,8}):([0-9a-f]{2})$/i.exec(text);
      if (repeated !== null) {
        const count = Number(repeated[1]);
        if (count > maxBytes) return undefined;
        const value = parseInt(repeated[2]!, 16);
        return { length: count, make: () => new Uint8Array(count).fill(value) };
      }
      if (!/^(?:[0-9a-f]{2})*$/i.test(text)) return undefined;
      const length = text.length / 2;
      return length <= maxBytes
        ? { length, make: () => Uint8Array.fromHex(text) }
        : undefined;
    },
  };
}

/** A step: the rest of the notation. */
export const innerStep: Argument<string> & { readonly isRest: true } = {
  name: "STEP",
  allowed: "a step",
  isRest: true,
  isStep: true,
  isRaw: true,
  parse: (text) => text,
};
