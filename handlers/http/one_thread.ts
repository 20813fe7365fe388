/**
 * Refuses what keeps state between connections while several threads serve the listeners:
 * the operating system chooses the thread of each connection, and threads share no state.
 *
 * @module
 */

import { type HttpError, RefusedError } from "../../lib/protocol/http_error.ts";
import { METHOD } from "../../lib/routing/check_route.ts";
import {
  isWebSocketRoute,
  type Route,
  type Routes,
} from "../../lib/routing/router.ts";

/** A kind of state that one thread keeps between connections. */
export type ThreadState =
  | "journals"
  | "channels"
  | "values"
  | "results"
  | "counts"
  | "nonces";

/** The refusal of what keeps a kind of state. */
interface StateRefusal {
  /** 501 for a route or a parameter that is not served, 400 for an invalid plan. */
  readonly status: 400 | 501;
  /** Subject and verb of the sentence. */
  readonly needs: string;
  /** Why other threads do not have the state. */
  readonly reason: string;
}

/** Status and text of the refusals. */
const REFUSALS: Readonly<Record<ThreadState, StateRefusal>> = {
  journals: {
    status: 501,
    needs: "Journals need",
    reason: "each thread has journals of its own",
  },
  channels: {
    status: 501,
    needs: "Channels need",
    reason: "each thread has channels of its own",
  },
  values: {
    status: 501,
    needs: "The stash needs",
    reason: "each thread has values of its own",
  },
  results: {
    status: 501,
    needs: "The conformance cases need",
    reason: "each thread has results of its own",
  },
  counts: {
    status: 400,
    needs: "Steps that count connections need",
    reason: "each thread counts for itself",
  },
  nonces: {
    status: 400,
    needs: "Digest needs",
    reason: "each thread accepts only its own nonces",
  },
};

/** The first segment of the paths of routes that keep state, and that state. */
const STATE_OF_SEGMENT: ReadonlyMap<string, ThreadState> = new Map([
  ["journal", "journals"],
  ["channel", "channels"],
  ["stash", "values"],
  ["conformance", "results"],
  ["getCaseCount", "results"],
  ["getCaseInfo", "results"],
  ["getCaseStatus", "results"],
  ["runCase", "results"],
  ["updateReports", "results"],
]);

/**
 * Whether several threads serve the listeners.
 *
 * @param workers number of threads
 */
export function hasSeveralThreads(workers = 1): boolean {
  return workers > 1;
}

/**
 * The refusal of what keeps state, if there are several threads.
 *
 * @param state that is needed
 * @param workers number of threads; 1 by default
 * @param needs subject and verb of the sentence, in place of those of the state
 * @returns `undefined` with one thread
 */
export function threadRefusal(
  state: ThreadState,
  workers: number | undefined,
  needs: string = REFUSALS[state].needs,
): HttpError | undefined {
  if (!hasSeveralThreads(workers)) return undefined;
  const { status, reason } = REFUSALS[state];
  return {
    status,
    message:
      `${needs} one thread, since ${reason}: start the service with WORKERS=1.`,
  };
}

/**
 * The state that the route of a path keeps.
 *
 * @param path of a route or of a request, which may have a query
 * @returns `undefined` for a route that any thread can serve
 */
export function stateOfPath(path: string): ThreadState | undefined {
  const [, segment = ""] = path.split(/[/?]/, 2);
  return STATE_OF_SEGMENT.get(segment);
}

/**
 * With several threads, replaces the handlers of routes that keep state by a refusal.
 *
 * @param routes a part of the router map
 * @param workers number of threads; 1 by default
 */
export function refuseState(
  routes: Routes,
  workers: number | undefined,
): Routes {
  return Object.fromEntries(
    Object.entries(routes).map(([path, route]) => {
      const state = stateOfPath(path);
      const refusal = state && threadRefusal(state, workers);
      return [path, refusal === undefined ? route : refused(route, refusal)];
    }),
  );
}

/**
 * With several threads, leaves out the routes that keep state.
 *
 * @param routes the router map
 * @param workers number of threads; 1 by default
 */
export function withoutState(
  routes: Routes,
  workers: number | undefined,
): Routes {
  if (!hasSeveralThreads(workers)) return routes;
  return Object.fromEntries(
    Object.entries(routes).filter(([path]) => stateOfPath(path) === undefined),
  );
}

function refused(route: Route, refusal: HttpError): Route {
  const refuse = (): never => {
    throw new RefusedError(refusal);
  };
  const methods = Object.fromEntries(
    Object.keys(route).filter((name) => METHOD.test(name))
      .map((name) => [name, refuse]),
  );
  if (!isWebSocketRoute(route)) return methods;
  return { ...methods, handshake: refuse, checkQuery: refuse, frame() {} };
}
