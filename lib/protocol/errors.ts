/**
 * What {@linkcode Connection.send} and its siblings throw when a handler misuses
 * them. Nothing has been sent when one of these is thrown.
 *
 * @module
 */

/** The listener below this connection cannot do what was asked. */
export class NotSupportedError extends Error {
  /** The class's name. */
  override readonly name = "NotSupportedError";
}

/** Fragments were sent in an order that RFC 6455 §5.4 forbids. */
export class FragmentOrderError extends Error {
  /** The class's name. */
  override readonly name = "FragmentOrderError";
}

/** A payload that the frame it is meant for may not carry (RFC 6455 §5.5, §5.6, §7.4). */
export class InvalidPayloadError extends Error {
  /** The class's name. */
  override readonly name = "InvalidPayloadError";
}
