/**
 * Renewal of the certificate while the service runs.
 *
 * @module
 */

import type { Server } from "../mod.ts";
import { getLogger } from "../std/log.ts";
import { line } from "../log/fields.ts";
import { TlsError } from "../tls/error.ts";
import { expiryNotice } from "../tls/identity.ts";

/** The signal that renews the certificate; Windows does not have it. */
export const RENEWAL_SIGNAL: Deno.Signal = "SIGHUP";

/** Milliseconds between two checks of the expiry date: a day. */
const CHECK_INTERVAL = 24 * 60 * 60 * 1000;

/**
 * Reads certificate and key again at SIGHUP. If the files are invalid, the old
 * certificate stays and an error is logged. A certificate that expires within 14 days
 * causes a warning once a day. Does nothing without TLS.
 *
 * @param server the server
 */
export function renewOnSignal(server: Server): void {
  if (server.certificateExpires === undefined) return;
  const log = getLogger("ws_echo_server");
  const until = () => server.certificateExpires!.toISOString();
  const warnOfExpiry = () => {
    const notice = expiryNotice({ expires: server.certificateExpires! });
    if (notice !== undefined) log.warn(notice);
  };
  log.info(
    ...line`The TLS certificate is valid until ${{
      "tls.server.not_after": until(),
    }}`,
  );
  Deno.unrefTimer(setInterval(warnOfExpiry, CHECK_INTERVAL));
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener(RENEWAL_SIGNAL, () => {
    try {
      server.renewCertificate();
    } catch (error) {
      const reason = error instanceof TlsError
        ? error.variableMessage
        : String(error);
      log.error(
        ...line`SIGHUP: the old certificate stays: ${{
          "exception.message": reason,
        }}`,
      );
      return;
    }
    log.info(
      ...line`SIGHUP: the new TLS certificate is valid until ${{
        "tls.server.not_after": until(),
      }}`,
    );
    warnOfExpiry();
  });
}
