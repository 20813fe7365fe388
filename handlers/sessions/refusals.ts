/**
 * The error responses of the admin API.
 *
 * @module
 */

import type { HttpError } from "../../lib/protocol/http_error.ts";
import type { SendOutcome } from "../../lib/sessions/remote_sessions.ts";

const RETRY = { "retry-after": "1" };

/** The error response for every outcome but success. */
export const REFUSALS: Readonly<
  Record<Exclude<SendOutcome, "sent">, HttpError>
> = {
  gone: { status: 404, message: "The session does not exist." },
  full: {
    status: 409,
    message:
      "The client does not read: its send buffer is full, and nothing was sent.",
  },
  interleaved: {
    status: 409,
    message: "The session is sending a fragmented message; nothing was sent.",
    headers: RETRY,
  },
  "taken-over": {
    status: 409,
    message:
      "A handler writes the bytes of this session itself; nothing was sent.",
  },
  busy: {
    status: 503,
    message: "The work queue is full; nothing was sent.",
    headers: RETRY,
  },
  unreachable: {
    status: 503,
    message: "The session's instance does not answer.",
    headers: RETRY,
  },
};
