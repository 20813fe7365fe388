/**
 * Renewal of the certificate while the service runs.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { TlsError } from "./error.ts";
import {
  expiryNotice,
  type Identity,
  readIdentity,
  type TlsFiles,
} from "./identity.ts";

/** A listener that uses a certificate. */
export interface Renewable {
  /**
   * Uses another certificate for new connections; open connections stay.
   *
   * @param identity the new certificate
   */
  renew(identity: Identity): void;
}

/** Milliseconds between two checks of the expiry date: a day. */
const CHECK_INTERVAL = 24 * 60 * 60 * 1000;

/**
 * Reads certificate and key again at SIGHUP. If the files are invalid, the old
 * certificate stays and an error is logged. A certificate that expires within 14 days
 * causes a warning now and once a day.
 *
 * @param files their paths
 * @param identity the certificate in use
 * @param listeners the listeners that use it
 */
export function renewOnSignal(
  files: TlsFiles,
  identity: Identity,
  listeners: readonly Renewable[],
): void {
  const log = getLogger("ws_echo_server");
  let current = identity;
  const warnOfExpiry = () => {
    const notice = expiryNotice(current);
    if (notice !== undefined) log.warn(notice);
  };
  log.info(`TLS with a certificate until ${identity.expires.toISOString()}`);
  warnOfExpiry();
  Deno.unrefTimer(setInterval(warnOfExpiry, CHECK_INTERVAL));
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
    warnOfExpiry();
  });
}
