/**
 * `?journal=NAME` on every WebSocket route.
 *
 * @module
 */

import { type HttpError, RefusedError } from "../../lib/protocol/http_error.ts";
import {
  type AnyWebSocketHandler,
  isWebSocketRoute,
  type Routes,
} from "../../lib/routing/router.ts";
import type { HandshakeInfo, HandshakeResult } from "../../lib/websocket.ts";
import type { Journals } from "./journals.ts";
import { checkName } from "./name.ts";
import { Recording } from "./recording.ts";

/** The query parameter. */
const PARAMETER = "journal";

/** The parameter in a query; its name has no characters that are escaped. */
const IN_QUERY = /[?&]journal(?:[=&]|$)/;

/**
 * Adds `?journal=NAME` to the WebSocket routes of a map. A route's `handshake` and
 * `checkQuery` get a URL without the parameter. A request without the parameter is passed
 * on unchanged; one without a query reaches no code of this module if the route's
 * `handshakes` is `"query"`, or if it has no `handshake`.
 *
 * @param routes the router map; its handlers are objects with properties of their own
 * @param journals gets the records
 * @param refusal of the parameter; `undefined`: it is allowed
 */
export function journaled(
  routes: Routes,
  journals: Journals,
  refusal?: HttpError,
): Routes {
  return Object.fromEntries(
    Object.entries(routes).map(([path, route]) => [
      path,
      isWebSocketRoute(route)
        ? journaledRoute(route, journals, refusal)
        : route,
    ]),
  );
}

function journaledRoute(
  route: AnyWebSocketHandler,
  journals: Journals,
  refusal: HttpError | undefined,
): AnyWebSocketHandler {
  const { handshake, handshakes, checkQuery } = route;
  const checkAllowed = () => {
    if (refusal !== undefined) throw new RefusedError(refusal);
  };
  const isAsked = handshake === undefined ? "query" : handshakes;
  // A copy, since a proxy would be slow: the listeners read `frame` for every message.
  return {
    ...route,
    ...(isAsked && { handshakes: isAsked }),
    handshake(request, info) {
      if (!hasParameter(request)) return handshake?.call(route, request, info);
      checkAllowed();
      return record(route, journals, request, info);
    },
    checkQuery(request, info) {
      if (!hasParameter(request)) {
        return checkQuery?.call(route, request, info);
      }
      checkAllowed();
      nameIn(request);
      return checkQuery?.call(route, withoutParameter(request), info);
    },
  };
}

async function record(
  route: AnyWebSocketHandler,
  journals: Journals,
  request: Request,
  info: HandshakeInfo,
): Promise<HandshakeResult> {
  const recording = Recording.begin(journals, nameIn(request), request, info);
  const inner = withoutParameter(request);
  recording.attach(inner, request.url);
  try {
    const result = await route.handshake?.(inner, info);
    return await recording.complete(result, route);
  } catch (error) {
    await recording.failed(request, error);
    throw error;
  }
}

/** Returns whether a request has the parameter. */
export function hasParameter({ url }: Request): boolean {
  return IN_QUERY.test(url);
}

/**
 * Returns the name of the journal.
 *
 * @param request with the parameter
 * @throws {RefusedError} 400, the name is invalid
 */
export function nameIn(request: Request): string {
  const [name = "", second] = new URL(request.url).searchParams.getAll(
    PARAMETER,
  );
  return checkName("journal", second === undefined ? name : "");
}

/** A copy of the request for the route. The parameter is cut out; nothing else changes. */
function withoutParameter(request: Request): Request {
  const { url, method, headers, signal } = request;
  const query = url.indexOf("?");
  const rest = url.slice(query + 1).split("&")
    .filter((part) => part !== PARAMETER && !part.startsWith(`${PARAMETER}=`))
    .join("&");
  const target = rest === ""
    ? url.slice(0, query)
    : `${url.slice(0, query)}?${rest}`;
  return new Request(target, { method, headers, signal });
}
