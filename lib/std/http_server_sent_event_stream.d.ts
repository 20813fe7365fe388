/** The part of `@std/http/server-sent-event-stream` that this service uses; the npm build has no types. */
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
export class ServerSentEventStream
  extends TransformStream<ServerSentEventMessage, Uint8Array> {}
