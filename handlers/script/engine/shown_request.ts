/**
 * The parts of a handshake request that steps can send back.
 *
 * @module
 */

import { maskField } from "../../../lib/http/secret_masking.ts";
import type { HandshakeInfo } from "../../../lib/websocket.ts";
import { infoText } from "../../show/info.ts";

/** A handshake request, read before the upgrade. */
export interface ShownRequest {
  /** The request as JSON, with masked secrets. */
  readonly info: string;
  /** The query without its question mark. */
  readonly query: string;
  /**
   * The value of a field; `undefined`: the request has none. Secrets are masked in a
   * request of a page that has another host and no trusted origin: a browser adds them
   * without the user's consent.
   *
   * @param name of the field
   */
  field(name: string): string | undefined;
}

/**
 * Reads what steps may send: the edge listener's request cannot be read later.
 *
 * @param request of the handshake
 * @param info of the handshake
 * @param trusted origins of other hosts whose pages get secrets; default: none
 */
export function shownRequest(
  request: Request,
  info: HandshakeInfo,
  trusted?: ReadonlySet<string>,
): ShownRequest {
  const fields = new Headers(request.headers);
  const { search, hostname } = new URL(request.url);
  const origin = fields.get("origin");
  // Any site can send the origin null.
  const isTrusted = hostOf(origin, hostname) === hostname ||
    (origin !== null && origin !== "null" && trusted?.has(origin) === true);
  return {
    info: infoText(request, info),
    query: search.slice(1),
    field(name) {
      const value = fields.get(name);
      if (value === null) return undefined;
      return isTrusted ? value : maskField(name, value);
    },
  };
}

/** The host of an origin; a client that sends none is no page of another host. */
function hostOf(origin: string | null, own: string): string {
  if (origin === null) return own;
  return URL.canParse(origin) ? new URL(origin).hostname : "";
}
