/** The part of `@std/http/server-sent-event-stream` that this service uses; the npm build has no types. */
export interface ServerSentEventMessage {
  /** A line that clients ignore. */
  comment?: string;
  /** What the event is about. */
  data?: string;
  /** What a client that comes back has to say. */
  id?: string | number;
  /** Milliseconds until a client is to come back. */
  retry?: number;
}
/** Writes events as the lines that stand for them. */
export class ServerSentEventStream
  extends TransformStream<ServerSentEventMessage, Uint8Array> {}
