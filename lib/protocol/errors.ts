/**
 * Errors of the methods of {@linkcode Connection}.
 *
 * @module
 */

/** The connection has ended, or is closing, before what was sent is written. */
export class ConnectionClosedError extends Error {
  /** The class's name. */
  override readonly name = "ConnectionClosedError";
}

/** The connection's listener does not support the operation. */
export class NotSupportedError extends Error {
  /** The class's name. */
  override readonly name = "NotSupportedError";
}

/** A frame in an order that RFC 6455 §5.4 forbids. */
export class FragmentOrderError extends Error {
  /** The class's name. */
  override readonly name = "FragmentOrderError";
}

/** A payload that its opcode does not allow (RFC 6455 §5.5, §5.6, §7.4). */
export class InvalidPayloadError extends Error {
  /** The class's name. */
  override readonly name = "InvalidPayloadError";
}
