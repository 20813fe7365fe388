/**
 * `/journal/NAME`: reads and removes a journal.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { oneOf } from "../../lib/config/kinds.ts";
import { shareRoutes } from "../../lib/http/cors.ts";
import { pacedBody } from "../../lib/http/paced_body.ts";
import { checkNames, readParameter } from "../../lib/http/query.ts";
import type {
  LongRunningRequests,
  RequestSlot,
} from "../../lib/limits/long_running_requests.ts";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import type {
  HttpHandler,
  HttpInfo,
  Routes,
} from "../../lib/routing/router.ts";
import { refuseState } from "../http/one_thread.ts";
import type { Journals } from "./journals.ts";
import { checkName } from "./name.ts";
import type { Journal } from "./record/journal.ts";
import { journalHar } from "./views/har.ts";
import { journalJson, journalLines, type Waited } from "./views/json.ts";
import { journalPage, type Page } from "./views/page.ts";
import { type Condition, DEFAULT_TIMEOUT, TIMEOUT, WAIT } from "./wait.ts";

/** Media types by format; the first is the default. */
const TYPES = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  har: "application/har+json",
  html: "text/html",
} as const;

type Format = keyof typeof TYPES;

const FORMATS = Object.keys(TYPES) as Format[];

const FORMAT = oneOf(...FORMATS);

/** The parts of the service that `/journal/NAME` uses. */
export interface JournalContext {
  /** Limits waiting requests and ends them at a shutdown. */
  readonly longRunningRequests: LongRunningRequests;
  /**
   * Origins of pages that may read a journal.
   * @default any origin
   */
  readonly allowedOrigins?: ReadonlySet<string> | undefined;
  /**
   * Number of threads; with several, journals are refused.
   * @default 1
   */
  readonly workers?: number | undefined;
}

/**
 * Makes the routes of the journals. `/journal` without a name lists nothing, because the
 * name is the key.
 *
 * @param journals the journals
 * @param context parts of the running service
 */
export function journalRoutes(
  journals: Journals,
  context: JournalContext,
): Routes {
  const own: Routes = {
    "/journal/:name": {
      GET: read(journals, context.longRunningRequests),
      DELETE: remove(journals),
    },
  };
  return shareRoutes(
    refuseState(own, context.workers),
    context.allowedOrigins,
  );
}

function read(journals: Journals, requests: LongRunningRequests): HttpHandler {
  return async (request, info) => {
    const query = new URL(request.url).searchParams;
    checkNames(query, ["wait", "timeout", "format"]);
    const name = nameOf(info);
    const format = readParameter(query, "format", FORMAT) ?? accepted(request);
    const condition = readParameter(query, "wait", WAIT);
    const timeout = readParameter(query, "timeout", TIMEOUT);
    if (timeout !== undefined && condition === undefined) {
      throw new RefusedError({
        status: 400,
        message: 'The parameter "timeout" needs the parameter "wait".',
      });
    }
    using held = new DisposableStack();
    const slot = held.use(requests.begin(request, info));
    const met = condition &&
      await waitFor(journals, name, condition, timeout, slot);
    const journal = journals.get(name);
    if (journal === undefined) throw new RefusedError(UNKNOWN);
    const waited = condition && { for: condition.text, met: met === true };
    const { pieces, headers } = respond(journal, format, waited);
    held.move();
    return new Response(pacedBody(pieces, slot), { headers });
  };
}

function remove(journals: Journals): HttpHandler {
  return (request, info) => {
    checkNames(new URL(request.url).searchParams, []);
    if (!journals.remove(nameOf(info))) throw new RefusedError(UNKNOWN);
    return new Response(null, {
      status: 204,
      headers: { "cache-control": "no-store" },
    });
  };
}

const UNKNOWN = {
  status: 404,
  message:
    "There is no journal of this name. Connect a WebSocket with ?journal=NAME to begin one.",
};

function nameOf({ params }: HttpInfo): string {
  return checkName("journal", params.name ?? "");
}

/** Waits until a journal meets a condition; returns whether it does. */
async function waitFor(
  journals: Journals,
  name: string,
  condition: Condition,
  timeout = DEFAULT_TIMEOUT * 1000,
  slot: Pick<RequestSlot, "wait">,
): Promise<boolean> {
  const met = new AbortController();
  const check = () => {
    if (condition.isMet(journals.get(name))) met.abort();
  };
  const unwatch = journals.watch(name, check);
  check();
  await slot.wait(timeout, [met.signal]).finally(unwatch);
  return met.signal.aborted;
}

function accepted(request: Request): Format {
  const type = accepts(boundedFields(request), ...Object.values(TYPES));
  return FORMATS.find((format) => TYPES[format] === type) ?? "json";
}

function respond(
  journal: Journal,
  format: Format,
  waited: Waited | undefined,
): Page {
  const page = format === "html"
    ? journalPage(journal)
    : { pieces: piecesOf(journal, format, waited), headers: {} };
  return {
    pieces: page.pieces,
    headers: {
      "content-type": `${TYPES[format]}; charset=utf-8`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "vary": "accept",
      ...page.headers,
    },
  };
}

function piecesOf(
  journal: Journal,
  format: Exclude<Format, "html">,
  waited: Waited | undefined,
): Iterable<string> {
  switch (format) {
    case "json":
      return journalJson(journal, waited);
    case "ndjson":
      return journalLines(journal);
    case "har":
      return journalHar(journal);
  }
}
