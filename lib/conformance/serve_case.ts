/**
 * Runs a case as a server, on a connection that the frame listener has handed over.
 *
 * @module
 */

import { parseExtensions } from "../frame/codec/extensions.ts";
import { zlibStreamsWork } from "../runtime/zlib_stream.ts";
import type { Wire } from "../wire.ts";
import type { Case } from "./case/case.ts";
import {
  acceptDeflate,
  type AcceptedDeflate,
  type DeflateParameters,
} from "./case/deflate_parameters.ts";
import { runCase } from "./run.ts";
import type { CaseResult } from "./case/result.ts";

/** A field of a request head. */
const EXTENSIONS = /^sec-websocket-extensions:(.*)$/gim;

/**
 * Runs a case against a client, to the end of its connection.
 *
 * @param testCase the case
 * @param agent name of the client
 * @param wire the connection; its `response` has no extensions
 * @returns the result; `undefined` if the service ended the run
 */
export function serveCase(
  testCase: Case,
  agent: string,
  wire: Wire,
): Promise<CaseResult | undefined> {
  const { program } = testCase;
  const parameters = program.kind === "round trips"
    ? program.deflate
    : undefined;
  const accepted = parameters && accept(wire.requestHead, parameters);
  const head = responseWith(wire.response, accepted?.response);
  return runCase({
    case: testCase,
    agent,
    role: "server",
    duplex: wire,
    deflate: accepted?.agreement,
    httpRequest: wire.requestHead,
    httpResponse: new TextDecoder("latin1").decode(head),
    head,
    closing: wire.closing,
    count: (direction, bytes, ends) => wire.count(direction, bytes, ends),
    charge: (bytes) => wire.charge(bytes),
  });
}

function accept(
  requestHead: string,
  parameters: DeflateParameters,
): AcceptedDeflate | undefined {
  if (!zlibStreamsWork()) return undefined;
  const fields = [...requestHead.matchAll(EXTENSIONS)].map(([, value]) =>
    value!.trim()
  );
  if (fields.length === 0) return undefined;
  return acceptDeflate(parseExtensions(fields.join(", ")) ?? [], parameters);
}

/** The response with one more field, in front of the empty line. */
function responseWith(
  response: Uint8Array<ArrayBuffer>,
  extensions: string | undefined,
): Uint8Array<ArrayBuffer> {
  if (extensions === undefined) return response;
  const field = new TextEncoder().encode(
    `Sec-WebSocket-Extensions: ${extensions}\r\n\r\n`,
  );
  const end = response.length - "\r\n".length;
  const head = new Uint8Array(end + field.length);
  head.set(response.subarray(0, end));
  head.set(field, end);
  return head;
}
