/**
 * The log lines of handshakes: one for each connection that opens, and one for each
 * request that is refused.
 *
 * @module
 */

import { getLogger, LogLevels } from "../std/log.ts";
import { clientHost } from "../limits/address/client_address.ts";
import { details, type FieldValues, line } from "../log/fields.ts";
import type { Fields } from "../protocol/http_error.ts";
import type { ListenerName } from "../websocket.ts";
import type { Service } from "./service.ts";

/** A request, as far as the log shows it. */
export interface LoggedRequest {
  /** The listener that received it. */
  readonly listener: ListenerName;
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** Its target or URL; the log shows the path. `undefined`: no head was read. */
  readonly target?: string | undefined;
  /** Its header fields. */
  readonly headers?: Fields | undefined;
}

/** The parts of a service that decide what the log shows of a request. */
export interface Logging {
  /** See {@linkcode Service.trustProxy}. */
  readonly trustProxy?: Service["trustProxy"] | undefined;
  /** See {@linkcode Service.maskPath}. */
  readonly maskPath?: Service["maskPath"];
}

/**
 * Logs the line of a connection that opens, before its 101.
 *
 * @param service what the log shows
 * @param id the session's id
 * @param request the handshake
 * @param protocol the negotiated subprotocol, or `""`
 */
export function logOpening(
  service: Logging,
  id: string,
  request: LoggedRequest,
  protocol: string,
): void {
  const log = getLogger("httpd_ws");
  if (log.level > LogLevels.INFO) return;
  log.info(
    ...line`Responding WS handshake to sock ${{ "session.id": id }}`,
    details({
      ...requestFields(service, request),
      "websocket.subprotocol": protocol || undefined,
    }),
  );
}

/**
 * URLs, quoted texts and numbers in a reason. They may be a client's: a client that varies
 * its Host could otherwise use up the kinds, and then no other refusal would be written.
 */
const VARIABLE = /\bhttps?:\S+|"[^"]*"|\d+/g;

/**
 * Logs the line of a request that is refused. Of lines with the same status and reason,
 * ten are written in ten seconds; then their number is.
 *
 * @param service what the log shows
 * @param request the request
 * @param status the response's status
 * @param reason why it is refused
 */
export function logRefusal(
  service: Logging,
  request: LoggedRequest,
  status: number,
  reason: string,
): void {
  const log = getLogger("httpd");
  const [message, named] = line`Refused with ${{
    "http.response.status_code": status,
  }}: ${{ "refusal.reason": reason }}`;
  const kind = `refused ${status} ${reason.replaceAll(VARIABLE, "#")}`;
  const fields = requestFields(service, request);
  log.info(message, named, details(fields, { kind, folds: true }));
}

function requestFields(
  service: Logging,
  request: LoggedRequest,
): FieldValues {
  const { listener, target, headers } = request;
  return {
    listener,
    ...clientFields(service, request),
    "url.path": target === undefined ? undefined : pathOf(service, target),
    "user_agent.original": fieldOf(headers, "user-agent") || undefined,
  };
}

/**
 * Returns the fields with a client's address: behind proxies the client's own, and that
 * of the last proxy.
 *
 * @param service how many proxies are trusted
 * @param request the client's request
 */
export function clientFields(
  { trustProxy = 0 }: Pick<Logging, "trustProxy">,
  { remoteAddr, headers }: Pick<LoggedRequest, "remoteAddr" | "headers">,
): FieldValues {
  const peer = "hostname" in remoteAddr ? remoteAddr : undefined;
  const client = trustProxy > 0
    ? clientHost(
      remoteAddr,
      fieldOf(headers, "x-forwarded-for"),
      trustProxy,
    )
    : peer?.hostname;
  const isDirect = client === peer?.hostname;
  return {
    "client.address": client,
    "client.port": isDirect ? peer?.port : undefined,
    "network.peer.address": isDirect ? undefined : peer?.hostname,
  };
}

/** Null where a handler has upgraded the request itself: then the runtime's getters throw. */
function fieldOf(headers: Fields | undefined, name: string): string | null {
  try {
    return headers?.get(name) ?? null;
  } catch {
    return null;
  }
}

/** The path of an origin-form target or a URL, without secrets and without the query. */
function pathOf(service: Logging, target: string): string {
  const start = target.startsWith("/")
    ? 0
    : target.indexOf("/", "https://".length);
  const path = start < 0 ? "/" : target.slice(start);
  const shown = /^[^?#]*/.exec(path)![0];
  return service.maskPath?.(shown) ?? shown;
}
