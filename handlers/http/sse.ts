/**
 * `/sse`: server-sent events at an interval, with ids to resume from.
 *
 * @module
 */

import {
  type ServerSentEventMessage,
  ServerSentEventStream,
} from "@std/http/server-sent-event-stream";
import {
  checkNames,
  QueryError,
  readParameter,
  wholeNumber,
} from "../../lib/http/query.ts";
import type {
  LongRunningRequests,
  RequestSlot,
} from "../../lib/limits/long_running_requests.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";

const TICK = wholeNumber(10, 3_600_000, "milliseconds");
const RETRY = wholeNumber(0, 3_600_000, "milliseconds");
const MAX_ID = Number.MAX_SAFE_INTEGER;
const ID = wholeNumber(0, MAX_ID);

const DEFAULT_TICK = 1000;
const DEFAULT_RETRY = 3000;

/** Milliseconds without an event until a comment keeps the connection alive. */
const HEARTBEAT = 15_000;

/** Caches, compression and nginx (`x-accel-buffering`) must not delay events. */
const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

/** Parameters and resources of one stream. */
interface Stream {
  /** Milliseconds between events. */
  readonly tick: number;
  /** Milliseconds that the client waits before it reconnects. */
  readonly retry: number;
  /** The id of the last event that the client has received. */
  readonly last: number;
  /** The id of the last event to send. */
  readonly count: number;
  /** Disposed when the stream ends. */
  readonly slot: RequestSlot;
}

/**
 * Makes the handler of `/sse`. It sends an event every `?tick=` milliseconds,
 * numbered from `Last-Event-ID`, up to `?count=`. A client that has received the
 * last event gets 204, which stops an `EventSource`.
 *
 * @param requests limits concurrent streams and ends them at a shutdown
 */
export function sse(requests: LongRunningRequests): HttpHandler {
  return (request, info) => {
    const query = new URL(request.url).searchParams;
    checkNames(query, ["tick", "retry", "count", "lastEventId"]);
    const tick = readParameter(query, "tick", TICK) ?? DEFAULT_TICK;
    const retry = readParameter(query, "retry", RETRY) ?? DEFAULT_RETRY;
    const count = readParameter(query, "count", ID) ?? MAX_ID;
    const last = lastEventId(request, query);
    if (last >= count) {
      const headers = { "cache-control": "no-store" };
      return new Response(null, { status: 204, headers });
    }
    if (request.method === "HEAD") {
      return new Response(null, { headers: HEADERS });
    }
    const slot = requests.begin(request, info);
    const stream = events({ tick, retry, last, count, slot })
      .pipeThrough(new ServerSentEventStream());
    return new Response(stream, { headers: HEADERS });
  };
}

/** `EventSource` sends the field; other clients can use the parameter. */
function lastEventId(request: Request, query: URLSearchParams): number {
  const field = request.headers.get("last-event-id");
  if (!field) return readParameter(query, "lastEventId", ID) ?? 0;
  const id = ID.parse(field);
  if (id === undefined) throw new QueryError("Last-Event-ID", ID.allowed);
  return id;
}

/** Makes an event when it is due and requested; a client that reads slowly misses some. */
function events(stream: Stream): ReadableStream<ServerSentEventMessage> {
  const { tick, retry, count, slot } = stream;
  const cancelled = new AbortController();
  let id = stream.last;
  let due = performance.now() + tick;
  return new ReadableStream<ServerSentEventMessage>({
    start(controller) {
      controller.enqueue({ retry });
    },
    async pull(controller) {
      const rest = due - performance.now();
      const isRunning = await slot.wait(Math.min(rest, HEARTBEAT), [
        cancelled.signal,
      ]).catch((error) => {
        slot[Symbol.dispose]();
        throw error;
      });
      if (cancelled.signal.aborted) return;
      if (isRunning && rest > HEARTBEAT) {
        return controller.enqueue({ comment: "still here" });
      }
      if (isRunning) controller.enqueue(event(++id));
      due = Math.max(due + tick, performance.now());
      if (isRunning && id < count) return;
      slot[Symbol.dispose]();
      controller.close();
    },
    cancel() {
      slot[Symbol.dispose]();
      cancelled.abort();
    },
  }, { highWaterMark: 0 });
}

function event(id: number): ServerSentEventMessage {
  const time = new Date().toISOString();
  return { id, data: JSON.stringify({ id, time }) };
}
