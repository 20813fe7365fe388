/**
 * `@std/http/server-sent-event-stream`: the part that this project uses.
 *
 * @module
 */

// deno-lint-ignore-file no-import-prefix -- an importer has no import map of this library

import { ServerSentEventStream as Stream } from "npm:deno-std@1.4.0/http/server_sent_event_stream.js";

/** A server-sent event. */
export interface ServerSentEventMessage {
  /** A line that clients ignore. */
  comment?: string;
  /** The text of the event. */
  data?: string;
  /** The value of `Last-Event-ID` in the request of a client that reconnects. */
  id?: string | number;
  /** Milliseconds that a client waits before it reconnects. */
  retry?: number;
}

/** Writes events in the format of server-sent events. */
export const ServerSentEventStream: new () => TransformStream<
  ServerSentEventMessage,
  Uint8Array
> = Stream;
