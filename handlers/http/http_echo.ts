/**
 * `/http` and `/http/…`: answers with the request itself, as JSON or text.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { type Body, BodyReader } from "../../lib/http/body.ts";
import { CHUNK, pacedBody } from "../../lib/http/paced_body.ts";
import { readParameter, wholeNumber } from "../../lib/http/query.ts";
import {
  maskField,
  maskParameter,
  maskUrl,
} from "../../lib/http/secret_masking.ts";
import type { LongRunningRequests } from "../../lib/limits/long_running_requests.ts";
import { addressText } from "../../lib/protocol/address_text.ts";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";
import {
  RefusedError,
  TOO_LITTLE_MEMORY,
} from "../../lib/protocol/http_error.ts";
import { UPGRADE_FIELDS } from "../../lib/protocol/handshake.ts";
import { originForm, pathOf } from "../../lib/protocol/request_target.ts";
import type { HttpHandler, HttpInfo } from "../../lib/routing/router.ts";
import { nextSlice } from "../../lib/scheduling/scheduler.ts";
import { NO_CONTENT } from "./no_content.ts";

/** Maximum size of a body in bytes. */
const MAX_BODY = 2 ** 20;

/** Maximum size of all bodies in memory, in bytes. */
const MAX_BODIES = 64 * MAX_BODY;

/** Maximum size of the bodies of one client, in bytes. */
const MAX_BODIES_PER_CLIENT = MAX_BODIES / 8;

/** A larger body is formatted after the work of other clients; in bytes. */
const LONG_BODY = 16 * 1024;

/** Milliseconds until a body must be complete. */
const BODY_TIMEOUT = 30_000;

/** A 1xx response is not final (RFC 9110 §15.2). */
const STATUS = wholeNumber(200, 599);

const DELAY = wholeNumber(0, 60_000, "milliseconds");

/** Fields that a status requires (RFC 9110 §15.5.2, §15.5.6, §15.5.8, §15.5.22). */
const REQUIRED_FIELDS: Readonly<Record<number, Record<string, string>>> = {
  401: { "www-authenticate": 'Bearer realm="ws-echo-server"' },
  405: { allow: "" },
  407: { "proxy-authenticate": 'Bearer realm="ws-echo-server"' },
  426: UPGRADE_FIELDS,
};

const TYPES = ["application/json", "text/plain"] as const;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The answer: a description of the request. */
interface RequestReport {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly body: BodyReport;
}

type BodyReport =
  & { readonly size: number }
  & (
    | { readonly text: string }
    | { readonly base64: string }
  );

/**
 * Makes the handler of `/http`. It answers with the request, as JSON or, by
 * `Accept`, as text. `?status=` sets the status, `?delay=` delays the answer.
 *
 * @param requests limits concurrent requests and ends them at a shutdown
 */
export function httpEcho(requests: LongRunningRequests): HttpHandler {
  const bodies = new BodyReader({
    size: MAX_BODY,
    total: MAX_BODIES,
    perClient: MAX_BODIES_PER_CLIENT,
    timeout: BODY_TIMEOUT,
    stopping: requests.stopping,
  });
  return async (request, info) => {
    const url = new URL(request.url);
    const status = readParameter(url.searchParams, "status", STATUS) ?? 200;
    const delay = readParameter(url.searchParams, "delay", DELAY) ?? 0;
    using held = new DisposableStack();
    const slot = held.use(requests.begin(request, info));
    const body = held.use(await bodies.read(request, slot));
    // Formatting a long body takes several milliseconds.
    if (body.bytes.length > LONG_BODY) await nextSlice();
    if (delay > 0) await slot.wait(delay);
    const { reclaimed } = slot;
    if (reclaimed.aborted) throw new RefusedError(TOO_LITTLE_MEMORY);
    return respond(
      request,
      status,
      report(request, url, info, body),
      (text) => {
        if (text.length <= CHUNK) return text;
        const sending = held.move();
        return pacedBody([text], {
          reclaimed,
          charge: (bytes) => slot.charge(bytes),
          [Symbol.dispose]: () => sending.dispose(),
        });
      },
    );
  };
}

function report(
  request: Request,
  url: URL,
  info: HttpInfo,
  body: Body,
): RequestReport {
  const query = new Map<string, string[]>();
  for (const [name, value] of url.searchParams) {
    const values = query.get(name) ?? [];
    values.push(maskParameter(name, value));
    query.set(name, values);
  }
  return {
    method: request.method,
    url: maskUrl(request.url),
    path: pathOf(originForm(request.url) ?? url.pathname),
    query: Object.fromEntries(query),
    headers: Object.fromEntries(
      [...request.headers].map(([name, value]) => [
        name,
        maskField(name, value),
      ]),
    ),
    remoteAddress: addressText(info.remoteAddr),
    body: reportBody(body.bytes),
  };
}

function reportBody(bytes: Uint8Array): BodyReport {
  const size = bytes.length;
  try {
    return { size, text: decoder.decode(bytes) };
  } catch {
    return { size, base64: bytes.toBase64() };
  }
}

function respond(
  request: Request,
  status: number,
  report: RequestReport,
  bodyOf: (text: string) => BodyInit,
): Response {
  const headers = new Headers(REQUIRED_FIELDS[status]);
  headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  if (NO_CONTENT.has(status)) return new Response(null, { status, headers });
  headers.set("vary", "accept");
  const type = accepts(boundedFields(request), ...TYPES) ?? TYPES[0];
  headers.set("content-type", `${type}; charset=utf-8`);
  const text = type === "text/plain" ? toText(report) : toJson(report);
  return new Response(bodyOf(text), { status, headers });
}

function toJson(report: RequestReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** Request line, address, fields and body, in this order. */
function toText(
  { method, url, headers, remoteAddress, body }: RequestReport,
): string {
  const [form, content] = "text" in body
    ? ["text", body.text]
    : ["base64", body.base64];
  return [
    `${method} ${url}`,
    `from ${remoteAddress}`,
    "",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    `body: ${body.size} bytes as ${form}`,
    content,
    "",
  ].join("\n");
}
