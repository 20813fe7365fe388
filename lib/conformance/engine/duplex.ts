/**
 * The connection that a case runs on.
 *
 * @module
 */

/** Bytes in and out; a {@linkcode Wire} is one. */
export interface Duplex {
  /**
   * Reads the next bytes.
   *
   * @returns at least one byte, valid until the next read, and changed by the engine;
   * `undefined` when the peer has ended its output
   * @throws the connection is over
   */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Writes bytes; one call at a time.
   *
   * @param bytes must not change before the promise resolves
   * @throws the connection is over
   */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Closes the connection. A pending read or write ends. */
  close(): void;
}
