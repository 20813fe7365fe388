/**
 * Tests of handlers without sockets: a client that sends the handshake and frames to a
 * handler, and a connection that records what the handler sends.
 *
 * @example
 * ```ts
 * import { openHandler, sent, sentClose } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const client = await openHandler({
 *   frame(connection, frame) {
 *     connection.send(frame);
 *     if (frame.text() === "bye") connection.close(1000);
 *   },
 * });
 * await client.receive("hello");
 * await client.ping("beat");
 * await client.receive("bye");
 * assertEquals(client.sent, [
 *   sent("text", "hello"),
 *   sent("pong", "beat"),
 *   sent("text", "bye"),
 *   sentClose(1000),
 * ]);
 * ```
 *
 * @module
 */

export {
  ConnectionClosedError,
  FragmentOrderError,
  InvalidPayloadError,
  NotSupportedError,
} from "../protocol/errors.ts";
export { FakeClient, type ReceiveOptions } from "./fake_client.ts";
export {
  FakeConnection,
  type FakeConnectionOptions,
} from "./fake_connection.ts";
export { FakeFrame, type FakeFrameOptions } from "./fake_frame.ts";
export { FakeWire, type FakeWireOptions } from "./fake_wire.ts";
export type { DataOpcode } from "./input.ts";
export {
  HandshakeRefusedError,
  openHandler,
  type OpenOptions,
  openWire,
} from "./open_handler.ts";
export { type Sent, sent, sentClose } from "./sent.ts";
