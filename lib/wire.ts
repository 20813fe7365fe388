/**
 * The contract between a handler and the bytes of a connection of the frame listener: to
 * record them ({@linkcode WireTap}), or to take the connection over ({@linkcode Wire}).
 *
 * @module
 */

/**
 * Gets a copy of nothing: each array is valid during the call only. The calls come in the
 * order of the bytes on the wire.
 */
export interface WireTap {
  /**
   * Bytes of the client, from the first byte of the request on.
   *
   * @param bytes as received, masked; valid during the call
   */
  received(bytes: Uint8Array): void;
  /**
   * Bytes that are handed to the operating system, from the first byte of the response on.
   *
   * @param bytes valid during the call
   */
  sent(bytes: Uint8Array): void;
  /** The client has ended its output (FIN). */
  inputEnded(): void;
  /** The server has ended its output (FIN). */
  outputEnded(): void;
  /**
   * The connection is over; called once, and last.
   *
   * @param end `closed` if this side closed the socket, `failed` if a read or a write
   * failed before: the client has reset the connection, or its host is not reachable
   */
  ended(end: "closed" | "failed"): void;
}

/** A request to close a taken-over connection: {@linkcode Wire.closing} is aborted with it. */
export interface WireClosing {
  /** The close code for the client: 1001 at a shutdown. */
  readonly code: number;
  /** The reason for the client. */
  readonly reason: string;
}

/**
 * A connection that a handler has taken over: the listener writes nothing to it, not even
 * the 101, and decodes nothing. It still counts as a session with a connection slot, and
 * its memory is charged.
 */
export interface Wire {
  /** Id of the session. */
  readonly id: string;
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** The request head as received, up to and with the empty line; Latin-1. */
  readonly requestHead: string;
  /** The 101 response that the listener would have sent. */
  readonly response: Uint8Array<ArrayBuffer>;
  /**
   * Aborted when the service wants the connection closed: at a shutdown, by the admin
   * API, or when memory is short. The reason is a {@linkcode WireClosing}. If the handler
   * does not end within the close timeout, the socket is closed.
   */
  readonly closing: AbortSignal;
  /** Whether the connection is over. */
  readonly isClosed: boolean;

  /**
   * Reads the next bytes of the client, those behind the request head first. One call at
   * a time.
   *
   * @param maxBytes maximum number of bytes
   * @returns at least one byte, in memory of its own; `undefined` when the client has
   * ended its output
   * @throws {ConnectionClosedError} the connection is over
   */
  read(maxBytes?: number): Promise<Uint8Array<ArrayBuffer> | undefined>;

  /**
   * Writes bytes; calls are made one behind the other.
   *
   * @param bytes must not change before the promise resolves
   * @returns resolves when the operating system has taken all
   * @throws {ConnectionClosedError} the connection is over
   */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;

  /** Ends the output with FIN; the client can still be read from. */
  closeWrite(): Promise<void>;

  /** Closes the socket: the client gets FIN, or a reset if it sent data that was not read. */
  close(): void;

  /**
   * Resets the connection as far as the system can: the socket is closed with unread
   * data. If there is none, a PING asks the client for some.
   *
   * @returns whether the client got a reset
   */
  reset(): Promise<boolean>;

  /**
   * Counts a frame in the session's traffic.
   *
   * @param direction of the frame
   * @param bytes of its payload
   * @param endsMessage whether it ends a data message
   */
  count(
    direction: "received" | "sent",
    bytes: number,
    endsMessage: boolean,
  ): void;

  /**
   * Charges memory that the handler holds for this connection.
   *
   * @param bytes change of the number of bytes; negative to give memory back
   */
  charge(bytes: number): void;
}
