/**
 * The routes of the suite's fuzzing server: `/getCaseCount`, `/getCaseInfo`,
 * `/getCaseStatus`, `/runCase` and `/updateReports`.
 *
 * @module
 */

import { frameListenerPlace } from "../http/frame_listener_place.ts";
import { ResultStore } from "../../lib/conformance/result_store.ts";
import type { Patterns } from "../../lib/conformance/selection.ts";
import { serveCase } from "../../lib/conformance/serve_case.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import { CLOSE_CODE } from "../../lib/protocol/close_code.ts";
import type { Routes } from "../../lib/routing/router.ts";
import type {
  Connection,
  HandshakeInfo,
  HandshakeResult,
  ListenerName,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { type CaseQuery, readQuery, type Required } from "./query.ts";

/** The parts that the routes use. */
export interface ConformanceContext {
  /**
   * Keeps the results.
   * @default a store of their own
   */
  readonly results?: ResultStore;
  /**
   * The cases, if a query selects none.
   * @default all
   */
  readonly selection?: Patterns;
  /** Returns the running listeners. */
  listeners(): readonly {
    readonly name: ListenerName;
    readonly port: number;
  }[];
}

/** Milliseconds that `/getCaseStatus` waits for a result. */
const STATUS_TIMEOUT = 30_000;

/** The state of a connection. */
interface CaseState {
  /** Its query. */
  readonly query: CaseQuery;
  /** Aborted when the connection has ended. */
  readonly ended: AbortController;
}

/**
 * Makes the routes.
 *
 * @param context parts of the service
 */
export function conformanceRoutes(context: ConformanceContext): Routes {
  const { results = new ResultStore() } = context;
  return {
    "/getCaseCount": command(context, [], (connection, { cases }) => {
      connection.send(String(cases.length));
    }),

    "/getCaseInfo": command(context, ["case"], (connection, query) => {
      const { id, description } = query.case!;
      connection.send(JSON.stringify({ id, description }));
    }),

    "/getCaseStatus": command(
      context,
      ["case", "agent"],
      async (connection, { agent, case: testCase }, ended) => {
        const { id } = testCase!;
        const timer = setTimeout(() => ended.abort(), STATUS_TIMEOUT);
        const result = await results.wait(agent, id, ended.signal);
        clearTimeout(timer);
        if (result === undefined) {
          const reason = `no result of case ${id}`;
          connection.close(CLOSE_CODE.policyViolation, reason);
          return;
        }
        connection.send(JSON.stringify({ behavior: result.behavior }));
      },
    ),

    "/runCase": handler(context, ["case", "agent"], (query) => ({
      compression: false,
      async takeOver(wire) {
        const result = await serveCase(query.case!, query.agent, wire);
        if (result !== undefined) results.add(result);
      },
    }), {}),

    "/updateReports": command(context, ["agent"], (_connection, { agent }) => {
      results.updateReports(agent);
    }),
  };
}

/** A route that sends an answer and closes. */
function command(
  context: ConformanceContext,
  required: readonly Required[],
  answer: (
    connection: Connection,
    query: CaseQuery,
    ended: AbortController,
  ) => void | Promise<void>,
): WebSocketHandler<CaseState> {
  return handler(
    context,
    required,
    (query) => ({ state: { query, ended: new AbortController() } }),
    {
      async open(connection) {
        const { query, ended } = connection.state;
        await answer(connection, query, ended);
        connection.close();
      },
      close({ state }) {
        state.ended.abort();
      },
    },
  );
}

/** A route that checks its query. */
function handler(
  context: ConformanceContext,
  required: readonly Required[],
  accept: (query: CaseQuery) => HandshakeResult<CaseState>,
  methods: Pick<WebSocketHandler<CaseState>, "open" | "close">,
): WebSocketHandler<CaseState> {
  const read = (request: Request, { listener }: HandshakeInfo) => {
    if (listener !== "frame") throw needsFrameListener(request, context);
    const { searchParams } = new URL(request.url);
    return readQuery(searchParams, required, context.selection);
  };
  return {
    handshake: (request, info) => accept(read(request, info)),
    checkQuery: (request, info) => void read(request, info),
    // The protocol has no messages of the client.
    frame() {},
    ...methods,
  };
}

function needsFrameListener(
  request: Request,
  context: ConformanceContext,
): RefusedError {
  const { pathname } = new URL(request.url);
  const place = frameListenerPlace(request, context.listeners(), pathname);
  return new RefusedError({
    status: 400,
    message: `The cases need the frame listener, ${place}.`,
  });
}
