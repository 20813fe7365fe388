/**
 * `?journal=NAME` on every WebSocket route.
 *
 * @module
 */

import { answerRefusal } from "../../lib/http/answer_refusal.ts";
import {
  type HttpError,
  httpErrorResponse,
} from "../../lib/protocol/http_error.ts";
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
  const refuse = (request: Request) =>
    refusal && httpErrorResponse(request, refusal);
  const isAsked = handshake === undefined ? "query" : handshakes;
  // A copy, since a proxy would be slow: the listeners read `frame` for every message.
  return {
    ...route,
    ...(isAsked && { handshakes: isAsked }),
    handshake: (request, info) =>
      hasParameter(request)
        ? refuse(request) ?? record(route, journals, request, info)
        : handshake?.call(route, request, info),
    checkQuery(request, info) {
      if (!hasParameter(request)) {
        return checkQuery?.call(route, request, info);
      }
      const name = refuse(request) ?? nameIn(request);
      if (name instanceof Response) return name;
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
  const name = nameIn(request);
  if (name instanceof Response) return name;
  const recording = begin(journals, name, request, info);
  if (recording instanceof Response) return recording;
  const inner = withoutParameter(request);
  recording.attach(inner, request.url);
  try {
    const result = await route.handshake?.(inner, info);
    return await recording.complete(result, route);
  } catch (error) {
    recording.record.end("closed", "server");
    throw error;
  }
}

function begin(
  journals: Journals,
  name: string,
  request: Request,
  info: HandshakeInfo,
): Recording | Response {
  return answerRefusal(
    request,
    () => Recording.begin(journals, name, request, info),
  );
}

/** Returns whether a request has the parameter. */
export function hasParameter({ url }: Request): boolean {
  return IN_QUERY.test(url);
}

/** Returns the name of the journal, or the refusal of an invalid one. */
export function nameIn(request: Request): string | Response {
  const [name = "", second] = new URL(request.url).searchParams.getAll(
    PARAMETER,
  );
  return answerRefusal(
    request,
    () => checkName("journal", second === undefined ? name : ""),
  );
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
