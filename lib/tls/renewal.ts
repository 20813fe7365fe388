/**
 * A certificate that is renewed while the service runs.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { TlsError } from "./error.ts";
import {
  expiryNotice,
  type Identity,
  readIdentity,
  type TlsFiles,
} from "./identity.ts";

/** Something that a certificate is shown by. */
export interface Renewable {
  /**
   * Shows newcomers another certificate; who is connected notices nothing.
   *
   * @param identity the new certificate
   */
  renew(identity: Identity): void;
}

/** Milliseconds between looks at the date: a day. */
const LOOK = 24 * 60 * 60 * 1000;

/**
 * Reads certificate and key again at SIGHUP. What cannot be used is logged, and
 * the old ones stay. An end that is near is warned of at once, and once a day.
 *
 * @param files where they are
 * @param identity what was read at the start
 * @param listeners who shows them
 */
export function renewOnSignal(
  files: TlsFiles,
  identity: Identity,
  listeners: readonly Renewable[],
): void {
  const log = getLogger("ws_echo_server");
  let current = identity;
  const look = () => {
    const notice = expiryNotice(current);
    if (notice !== undefined) log.warn(notice);
  };
  log.info(`TLS with a certificate until ${identity.expires.toISOString()}`);
  look();
  Deno.unrefTimer(setInterval(look, LOOK));
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGHUP", () => {
    try {
      current = readIdentity(files);
    } catch (error) {
      const reason = error instanceof TlsError ? error.message : error;
      log.error(`SIGHUP: the certificate stays as it is: ${reason}`);
      return;
    }
    log.info(
      `SIGHUP: TLS with a certificate until ${current.expires.toISOString()}`,
    );
    for (const listener of listeners) listener.renew(current);
    look();
  });
}
