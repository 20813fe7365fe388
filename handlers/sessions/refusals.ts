/**
 * What the operator is told when a call to a session comes to nothing.
 *
 * @module
 */

import type { HttpError } from "../../lib/protocol/http_error.ts";
import type { SendOutcome } from "../../lib/sessions/remote_sessions.ts";

const RETRY = { "retry-after": "1" };

/** A refusal for every outcome but success. */
export const REFUSALS: Readonly<
  Record<Exclude<SendOutcome, "sent">, HttpError>
> = {
  gone: { status: 404, message: "There is no such session (any more)." },
  full: {
    status: 409,
    message:
      "The peer does not read: its buffer is full, and nothing was sent.",
  },
  interleaved: {
    status: 409,
    message:
      "The session is in the middle of a fragmented message; nothing was sent.",
    headers: RETRY,
  },
  busy: {
    status: 503,
    message: "The work queue is full; nothing was sent.",
    headers: RETRY,
  },
  unreachable: {
    status: 503,
    message: "The instance that may hold this session cannot be asked now.",
    headers: RETRY,
  },
};
