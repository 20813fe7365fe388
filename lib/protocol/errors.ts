/**
 * Errors of the methods of {@linkcode Connection}.
 *
 * @module
 */

/**
 * The connection has ended, or is closing, before what was sent is written.
 *
 * @example
 * ```ts
 * import { ConnectionClosedError } from "@ws-echo/server";
 * import { FakeConnection } from "@ws-echo/server/testing";
 * import { assertRejects } from "@std/assert";
 *
 * const connection = new FakeConnection();
 * connection.close(1000);
 * await assertRejects(() => connection.flushed(), ConnectionClosedError);
 * ```
 */
export class ConnectionClosedError extends Error {
  /** The class's name. */
  override readonly name = "ConnectionClosedError";
}

/**
 * The connection's listener does not support the operation.
 *
 * @example
 * ```ts
 * import { NotSupportedError } from "@ws-echo/server";
 * import { FakeConnection } from "@ws-echo/server/testing";
 * import { assertThrows } from "@std/assert";
 *
 * const connection = new FakeConnection({ listener: "edge" });
 * assertThrows(() => connection.ping(), NotSupportedError);
 * ```
 */
export class NotSupportedError extends Error {
  /** The class's name. */
  override readonly name = "NotSupportedError";
}

/**
 * A frame in an order that RFC 6455 §5.4 forbids.
 *
 * @example
 * ```ts
 * import { FragmentOrderError } from "@ws-echo/server";
 * import { FakeConnection } from "@ws-echo/server/testing";
 * import { assertThrows } from "@std/assert";
 *
 * const connection = new FakeConnection();
 * connection.send("a message begins", { final: false });
 * assertThrows(() => connection.send("another one"), FragmentOrderError);
 * ```
 */
export class FragmentOrderError extends Error {
  /** The class's name. */
  override readonly name = "FragmentOrderError";
}

/**
 * A payload that its opcode does not allow (RFC 6455 §5.5, §5.6, §7.4).
 *
 * @example
 * ```ts
 * import { InvalidPayloadError } from "@ws-echo/server";
 * import { FakeConnection } from "@ws-echo/server/testing";
 * import { assertThrows } from "@std/assert";
 *
 * const connection = new FakeConnection();
 * assertThrows(() => connection.close(1006), InvalidPayloadError);
 * assertThrows(() => connection.ping(new Uint8Array(126)), InvalidPayloadError);
 * ```
 */
export class InvalidPayloadError extends Error {
  /** The class's name. */
  override readonly name = "InvalidPayloadError";
}
