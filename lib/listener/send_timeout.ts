/**
 * SEND_TIMEOUT: detects connections whose output makes no progress. All connections of a
 * listener share one timer; a write costs no more than a field.
 *
 * @module
 */

/** Sweeps in one timeout; a connection is closed up to one sweep late. */
const SWEEPS = 8;

/** A connection whose output is checked. */
export interface SendingConnection {
  /**
   * Checks the output; closes the connection at the first sweep after a whole timeout
   * without progress.
   *
   * @param sweeps sweeps in one timeout
   */
  sweepOutput(sweeps: number): void;
}

/**
 * Starts the sweeps.
 *
 * @param timeout milliseconds; 0: there are no sweeps
 * @param connections lists the connections of the listener
 * @returns stops the sweeps
 */
export function sweepOutputs(
  timeout: number,
  connections: () => Iterable<SendingConnection>,
): () => void {
  if (timeout === 0) return () => {};
  const timer = setInterval(() => {
    for (const connection of connections()) connection.sweepOutput(SWEEPS);
  }, timeout / SWEEPS);
  return () => clearInterval(timer);
}
