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

/** A kind of state, as a refusal describes it. */
interface State {
  /** 501, or 400 for a part of a plan. */
  readonly status: 400 | 501;
  /** Subject and verb of the sentence. */
  readonly needs: string;
  /** Why other threads do not have the state. */
  readonly reason: string;
  /** Paths of the routes that keep the state. */
  readonly paths: RegExp;
}

/** Matches no path: only steps of plans keep the state. */
const NO_PATH = /(?!)/;

/** What one thread keeps between connections. */
const STATES: Readonly<Record<ThreadState, State>> = {
  journals: {
    status: 501,
    needs: "Journals need",
    reason: "each thread has journals of its own",
    paths: /^\/journal(?:\/|$)/,
  },
  channels: {
    status: 501,
    needs: "Channels need",
    reason: "each thread has channels of its own",
    paths: /^\/channel(?:[/?]|$)/,
  },
  values: {
    status: 501,
    needs: "The stash needs",
    reason: "each thread has values of its own",
    paths: /^\/stash(?:[/?]|$)/,
  },
  results: {
    status: 501,
    needs: "The conformance cases need",
    reason: "each thread has results of its own",
    paths:
      /^\/(?:conformance(?:\/|$)|(?:getCase(?:Count|Info|Status)|runCase|updateReports)$)/,
  },
  counts: {
    status: 400,
    needs: "Steps that count connections need",
    reason: "each thread counts for itself",
    paths: NO_PATH,
  },
  nonces: {
    status: 400,
    needs: "Digest needs",
    reason: "each thread accepts only its own nonces",
    paths: NO_PATH,
  },
};

/**
 * Whether several threads serve the listeners.
 *
 * @param workers number of threads
 */
export function isShared(workers = 1): boolean {
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
  needs: string = STATES[state].needs,
): HttpError | undefined {
  if (!isShared(workers)) return undefined;
  const { status, reason } = STATES[state];
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
 */
export function stateOfPath(path: string): ThreadState | undefined {
  return (Object.keys(STATES) as ThreadState[])
    .find((state) => STATES[state].paths.test(path));
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
  if (!isShared(workers)) return routes;
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
