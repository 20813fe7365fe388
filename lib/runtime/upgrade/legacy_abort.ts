/**
 * The first upgrade of a process without a warning of the runtime.
 *
 * Unless the program is started with `--unstable-no-legacy-abort`, the signal of a
 * request also aborts when the request was answered or upgraded, and the runtime writes
 * a warning at the first such request whose signal was read. A program that imports the
 * library cannot set the flag for the library. The runtime writes the warning within the
 * call of `Deno.upgradeWebSocket`, once in a process. Seen in Deno 2.9.6.
 *
 * Without the flag the signal does not tell that a 101 could not be written; the
 * listener then fails the upgrade after the handshake timeout.
 *
 * @module
 */

let isFirst = true;

/**
 * Upgrades a request whose signal was read.
 *
 * @param request the request
 * @param options of the runtime
 * @throws {TypeError} the request is no valid handshake
 */
export function upgradeQuietly(
  request: Request,
  options: Deno.UpgradeWebSocketOptions,
): Deno.WebSocketUpgrade {
  if (!isFirst) return Deno.upgradeWebSocket(request, options);
  const { warn } = console;
  console.warn = () => {};
  try {
    const upgrade = Deno.upgradeWebSocket(request, options);
    isFirst = false;
    return upgrade;
  } finally {
    console.warn = warn;
  }
}
