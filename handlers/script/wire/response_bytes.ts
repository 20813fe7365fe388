/**
 * The answer to a handshake as bytes.
 *
 * @module
 */

import { toLatin1 } from "../../../lib/protocol/latin1.ts";
import { concat } from "../../../lib/client/concat.ts";
import { closingResponse } from "../../../lib/frame/response.ts";
import type { Draft, Field } from "../engine/draft.ts";

const encoder = new TextEncoder();

/**
 * Reads the header fields of a response.
 *
 * @param response head of a response
 */
export function fieldsOf(response: Uint8Array): Field[] {
  const lines = new TextDecoder("latin1").decode(response).split("\r\n");
  return lines.slice(1).filter(Boolean).map((line): Field => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}

/**
 * Writes the 101 of a draft.
 *
 * @param draft a decided answer that accepts
 */
export function acceptingBytes(draft: Draft): Uint8Array<ArrayBuffer> {
  if (draft.protocol !== undefined) {
    const values = draft.protocol === "" ? [] : [draft.protocol];
    draft.replace("Sec-WebSocket-Protocol", values);
  }
  const body = encoder.encode(draft.body);
  if (body.length > 0) draft.replace("Content-Length", [`${body.length}`]);
  const head = `HTTP/${draft.version} 101 Switching Protocols\r\n${
    linesOf(draft.fields)
  }\r\n`;
  return concat([junkOf(draft), toLatin1(head), body]);
}

/**
 * Writes the refusal of a draft. The fields that the plan adds keep their case, and
 * repeated ones stay apart.
 *
 * @param draft a decided answer
 * @param refusal its response
 */
export async function refusingBytes(
  draft: Draft,
  refusal: Response,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await closingResponse(refusal, "GET");
  bytes.set(toLatin1(draft.version), "HTTP/".length);
  const lineEnd = bytes.indexOf(0x0a) + 1;
  return concat([
    junkOf(draft),
    bytes.subarray(0, lineEnd),
    toLatin1(linesOf(draft.added)),
    bytes.subarray(lineEnd),
  ]);
}

function linesOf(fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
}

function junkOf({ junk }: Draft): Uint8Array<ArrayBuffer> {
  return junk ?? new Uint8Array(0);
}
