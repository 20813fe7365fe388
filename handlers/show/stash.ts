/**
 * `/stash/KEY`: keeps a value for another request or connection, such as the next one of a
 * client that reconnects.
 *
 * @module
 */

import { onOrOff } from "../../lib/config/kinds.ts";
import { BodyReader } from "../../lib/http/body.ts";
import { checkNames, readParameter } from "../../lib/http/query.ts";
import type { LongRunningRequests } from "../../lib/limits/long_running_requests.ts";
import { CLOSE_CODE } from "../../lib/protocol/close_code.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import type {
  HttpHandler,
  HttpInfo,
  MixedRoute,
} from "../../lib/routing/router.ts";
import type { Connection, Frame, HandshakeInfo } from "../../lib/websocket.ts";
import { checkName } from "../journal/name.ts";
import { TIMEOUT } from "../journal/wait.ts";
import { MAX_VALUE, type StashStore, type Value } from "./stash_store.ts";

/** Bytes of all bodies that are being read. */
const MAX_BODIES = 4 * 2 ** 20;

/** Milliseconds until a body must be complete. */
const BODY_TIMEOUT = 10_000;

const NO_STORE = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Makes the route of `/stash/:key`.
 *
 * GET returns the value; `?take=on` removes it, too, and `?wait=S` waits for it. PUT and
 * POST keep the body, DELETE removes the value. A WebSocket gets the value when it opens,
 * and each of its messages becomes the value.
 *
 * @param store holds the values
 * @param requests limits concurrent requests and ends them at a shutdown
 */
export function stash(
  store: StashStore,
  requests: LongRunningRequests,
): MixedRoute {
  const keep = put(store, requests);
  return {
    maxPayload: MAX_VALUE,
    handshake: (_request: Request, info: HandshakeInfo) => void keyOf(info),
    open: (connection: Connection) => sendValue(store, connection),
    frame: (connection: Connection, frame: Frame) =>
      keepMessage(store, connection, frame),
    GET: get(store, requests),
    PUT: keep,
    POST: keep,
    DELETE: (request, info) => {
      checkNames(new URL(request.url).searchParams, []);
      if (store.take(keyOf(info)) === undefined) {
        throw new RefusedError(UNKNOWN);
      }
      return new Response(null, { status: 204, headers: NO_STORE });
    },
  };
}

function keyOf({ params }: Pick<HttpInfo, "params">): string {
  return checkName("value", params.key ?? "");
}

function sendValue(store: StashStore, connection: Connection): void {
  const value = store.get(connection.params.key!);
  if (value === undefined) return;
  const opcode = value.isText ? "text" : "binary";
  connection.send(value.bytes, { opcode });
}

function keepMessage(
  store: StashStore,
  connection: Connection,
  { payload, opcode }: Frame,
): void {
  try {
    store.set(connection.params.key!, {
      bytes: payload.slice(),
      isText: opcode === "text",
    });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    connection.close(CLOSE_CODE.tryAgainLater, error.answer.message);
  }
}

function get(store: StashStore, requests: LongRunningRequests): HttpHandler {
  return async (request, info) => {
    const key = keyOf(info);
    const query = new URL(request.url).searchParams;
    checkNames(query, ["take", "wait"]);
    const takes = request.method !== "HEAD" &&
      readParameter(query, "take", onOrOff) === true;
    const timeout = readParameter(query, "wait", TIMEOUT) ?? 0;
    if (timeout > 0 && store.get(key) === undefined) {
      using slot = requests.begin(request, info);
      const isSet = new AbortController();
      const unwatch = store.watch(key, () => isSet.abort());
      await slot.wait(timeout, [isSet.signal]).finally(unwatch);
    }
    const value = takes ? store.take(key) : store.get(key);
    if (value === undefined) throw new RefusedError(UNKNOWN);
    return respond(value);
  };
}

/** The type is never the client's own: a page in the stash would have this origin. */
function respond({ bytes, isText }: Value): Response {
  const type = isText
    ? "text/plain; charset=utf-8"
    : "application/octet-stream";
  return new Response(bytes, {
    headers: { ...NO_STORE, "content-type": type },
  });
}

function put(store: StashStore, requests: LongRunningRequests): HttpHandler {
  const bodies = new BodyReader({
    size: MAX_VALUE,
    total: MAX_BODIES,
    timeout: BODY_TIMEOUT,
    stopping: requests.stopping,
  });
  return async (request, info) => {
    const key = keyOf(info);
    checkNames(new URL(request.url).searchParams, []);
    using slot = requests.begin(request, info);
    using body = await bodies.read(request, slot);
    store.set(key, { bytes: body.bytes, isText: isUtf8(body.bytes) });
    return new Response(null, { status: 204, headers: NO_STORE });
  };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const UNKNOWN = { status: 404, message: "The stash has no value of this key." };
