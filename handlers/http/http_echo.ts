/**
 * `/http` and everything below it: shows a client the request that it has sent.
 *
 * @module
 */

// @ts-types="../../lib/std/http_negotiation.d.ts"
import { accepts } from "@std/http/negotiation";
import { addressText } from "../../lib/protocol/address_text.ts";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";
import { answerRefusals } from "../../lib/http/answer_refusals.ts";
import { type Body, BodyReader } from "../../lib/http/body.ts";
import { pacedBody } from "../../lib/http/paced_body.ts";
import { readParameter, wholeNumber } from "../../lib/http/query.ts";
import { maskField, maskParameter, maskUrl } from "../../lib/http/masking.ts";
import type { LongRunningRequests } from "../../lib/limits/long_running_requests.ts";
import { originForm, pathOf } from "../../lib/protocol/request_target.ts";
import type { HttpHandler, HttpInfo } from "../../lib/routing/router.ts";
import { othersFirst } from "../../lib/scheduling/scheduler.ts";
import { wait } from "../../lib/scheduling/wait.ts";

/** Bytes of a body. */
const MAX_BODY = 2 ** 20;

/** Bytes of all bodies at a time. */
const MAX_BODIES = 64 * MAX_BODY;

/** Bytes of those of one client. */
const MAX_BODIES_PER_CLIENT = MAX_BODIES / 8;

/** Bytes of a body from which on other clients go first. */
const LONG_BODY = 16 * 1024;

/** Milliseconds until a body has to be complete. */
const BODY_TIMEOUT = 30_000;

/** 1xx is no answer (RFC 9110 §15.2). */
const STATUS = wholeNumber(200, 599);

const DELAY = wholeNumber(0, 60_000, "milliseconds");

/** Statuses whose answers have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Fields without which a status would be a lie (RFC 9110 §15.5.2, §15.5.6, §15.5.8, §15.5.22). */
const FIELDS_OF_STATUS: Readonly<Record<number, Record<string, string>>> = {
  401: { "www-authenticate": 'Bearer realm="ws-echo-server"' },
  405: { allow: "" },
  407: { "proxy-authenticate": 'Bearer realm="ws-echo-server"' },
  426: { upgrade: "websocket", connection: "Upgrade" },
};

const TYPES = ["application/json", "text/plain"] as const;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A request as it is shown. */
interface Shown {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly body: ShownBody;
}

type ShownBody =
  & { readonly size: number }
  & (
    | { readonly text: string }
    | { readonly base64: string }
  );

/**
 * Answers any method with the request, as JSON or, by `Accept`, as text.
 * `?status=` sets the answer's status, `?delay=` lets it wait.
 *
 * @param answers where it takes a place
 */
export function httpEcho(answers: LongRunningRequests): HttpHandler {
  const bodies = new BodyReader({
    size: MAX_BODY,
    total: MAX_BODIES,
    perClient: MAX_BODIES_PER_CLIENT,
    timeout: BODY_TIMEOUT,
    stopping: answers.stopping,
  });
  return answerRefusals(async (request, info) => {
    const url = new URL(request.url);
    const status = readParameter(url.searchParams, "status", STATUS) ?? 200;
    const delay = readParameter(url.searchParams, "delay", DELAY) ?? 0;
    using held = new DisposableStack();
    const place = held.use(answers.begin(request, info));
    const body = held.use(await bodies.read(request, place));
    // To write a long body down takes some milliseconds.
    if (body.bytes.length > LONG_BODY) await othersFirst();
    if (delay > 0) await wait(delay, [request.signal, answers.stopping]);
    return respond(
      request,
      status,
      show(request, url, info, body),
      (text) => {
        const sending = held.move();
        place.charge(text.length);
        return pacedBody(text, answers.stopping, () => sending.dispose());
      },
    );
  });
}

function show(request: Request, url: URL, info: HttpInfo, body: Body): Shown {
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
      [...request.headers].map((
        [name, value],
      ) => [name, maskField(name, value)]),
    ),
    remoteAddress: addressText(info.remoteAddr),
    body: showBody(body.bytes),
  };
}

function showBody(bytes: Uint8Array): ShownBody {
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
  shown: Shown,
  bodyOf: (text: string) => BodyInit,
): Response {
  const headers = new Headers(FIELDS_OF_STATUS[status]);
  headers.set("cache-control", "no-store");
  headers.set("x-content-type-options", "nosniff");
  if (WITHOUT_BODY.has(status)) return new Response(null, { status, headers });
  headers.set("vary", "accept");
  const type = accepts(boundedFields(request), ...TYPES) ?? TYPES[0];
  headers.set("content-type", `${type}; charset=utf-8`);
  const text = type === "text/plain" ? toText(shown) : toJson(shown);
  return new Response(bodyOf(text), { status, headers });
}

function toJson(shown: Shown): string {
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

/** The same in the order in which it stands in a request. */
function toText({ method, url, headers, remoteAddress, body }: Shown): string {
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
