/**
 * Runs a plan with a client that reads bytes.
 *
 * @module
 */

import { RawClient } from "../../integration/support/raw.ts";
import { type Fields, handshake } from "../../integration/support/wire.ts";

/** An address of a listener. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** The answer to a handshake and the bytes after it. */
export interface Played {
  /** The status line. */
  readonly status: string;
  /** The header fields as they are written. */
  readonly fields: readonly string[];
  /** The bytes after the head, as hex. */
  readonly rest: string;
}

/**
 * Runs a plan and reads to the end of the connection.
 *
 * @param at address of the listener
 * @param path of the plan
 * @param fields of the request
 * @param input bytes after the request
 */
export async function play(
  at: Address,
  path: string,
  fields: Fields = {},
  input?: Uint8Array,
): Promise<Played> {
  using client = await RawClient.connect(at, handshake(path, fields));
  if (input !== undefined) await client.write(input);
  return split(await client.end());
}

/**
 * Splits an answer into its head and the bytes after it.
 *
 * @param bytes from the server
 */
export function split(bytes: Uint8Array): Played {
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  const [status = "", ...fields] = text.slice(0, end).split("\r\n");
  return { status, fields, rest: bytes.slice(end + 4).toHex() };
}
