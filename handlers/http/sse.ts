/**
 * `/sse`: server-sent events at an interval, with ids to resume from.
 *
 * @module
 */

// @ts-types="../../lib/std/http_server_sent_event_stream.d.ts"
import {
  type ServerSentEventMessage,
  ServerSentEventStream,
} from "@std/http/server-sent-event-stream";
import { answerRefusals } from "../../lib/http/answer_refusals.ts";
import {
  QueryError,
  readParameter,
  wholeNumber,
} from "../../lib/http/query.ts";
import type {
  LongRunningRequests,
  RequestSlot,
} from "../../lib/limits/long_running_requests.ts";
import type { HttpHandler } from "../../lib/routing/router.ts";
import { wait } from "../../lib/scheduling/wait.ts";

const TICK = wholeNumber(10, 3_600_000, "milliseconds");
const RETRY = wholeNumber(0, 3_600_000, "milliseconds");
const MAX_ID = Number.MAX_SAFE_INTEGER;
const ID = wholeNumber(0, MAX_ID);

const DEFAULT_TICK = 1000;
const DEFAULT_RETRY = 3000;

/** Milliseconds of silence until a comment shows proxies that the stream lives. */
const HEARTBEAT = 15_000;

/** A cache or a compressor would hold events back; so would nginx, unasked. */
const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

/** One client's stream. */
interface Stream {
  /** Milliseconds between two events. */
  readonly tick: number;
  /** Milliseconds after which the client is to come back. */
  readonly retry: number;
  /** The id of the event that the client has had. */
  readonly last: number;
  /** The id of the last event that there is. */
  readonly count: number;
  /** Held while the stream lives. */
  readonly place: RequestSlot;
  /** Aborted when the service stops. */
  readonly stopping: AbortSignal;
}

/**
 * Sends an event every `?tick=` milliseconds, numbered from `Last-Event-ID` on,
 * until `?count=`. A client that has had the last one gets 204, which tells an
 * `EventSource` to stop.
 *
 * @param answers where it takes a place
 */
export function sse(answers: LongRunningRequests): HttpHandler {
  return answerRefusals((request, info) => {
    const query = new URL(request.url).searchParams;
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
    const place = answers.begin(request, info);
    const { stopping } = answers;
    const stream = events({ tick, retry, last, count, place, stopping })
      .pipeThrough(new ServerSentEventStream());
    return new Response(stream, { headers: HEADERS });
  });
}

/** The field that `EventSource` sends; the parameter is for what cannot set fields. */
function lastEventId(request: Request, query: URLSearchParams): number {
  const field = request.headers.get("last-event-id");
  if (!field) return readParameter(query, "lastEventId", ID) ?? 0;
  const id = ID.parse(field);
  if (id === undefined) throw new QueryError("Last-Event-ID", ID.allowed);
  return id;
}

/** Events are made when they are due and asked for: a client that does not read misses some. */
function events(stream: Stream): ReadableStream<ServerSentEventMessage> {
  const { tick, retry, count, place, stopping } = stream;
  const left = new AbortController();
  let id = stream.last;
  let due = performance.now() + tick;
  return new ReadableStream<ServerSentEventMessage>({
    start(controller) {
      controller.enqueue({ retry });
    },
    async pull(controller) {
      const rest = due - performance.now();
      const goesOn = await wait(Math.min(rest, HEARTBEAT), [
        left.signal,
        stopping,
      ]);
      if (left.signal.aborted) return;
      if (goesOn && rest > HEARTBEAT) {
        return controller.enqueue({ comment: "still here" });
      }
      if (goesOn) controller.enqueue(event(++id));
      due = Math.max(due + tick, performance.now());
      if (goesOn && id < count) return;
      place[Symbol.dispose]();
      controller.close();
    },
    cancel() {
      place[Symbol.dispose]();
      left.abort();
    },
  }, { highWaterMark: 0 });
}

function event(id: number): ServerSentEventMessage {
  const time = new Date().toISOString();
  return { id, data: JSON.stringify({ id, time }) };
}
