/**
 * Validation of the replies of other instances, which are not trusted.
 *
 * @module
 */

import { isInstance } from "../cluster/bus/message.ts";
import {
  amount,
  count,
  flag,
  listOf,
  object,
  oneOf,
  type Read,
  text,
} from "../cluster/bus/shape.ts";
import type {
  CloseOutcome,
  SendCounts,
  SendOutcome,
  SessionInfo,
  SessionList,
  Volume,
} from "./remote_sessions.ts";

const volume = object<Volume>({ messages: count, bytes: count });

const session = object<SessionInfo>({
  id: text,
  instance: (value) => isInstance(value) ? value : undefined,
  listener: oneOf("edge", "frame"),
  route: text,
  address: text,
  protocol: text,
  age: amount,
  received: volume,
  sent: volume,
  buffered: count,
});

/** Reads the reply to `list`. */
export const readSessionList: Read<SessionList> = object<SessionList>({
  sessions: listOf((value) => {
    const found = session(value);
    return found?.id.startsWith(`${found.instance}-`) ? found : undefined;
  }),
  partial: flag,
});

/** Reads the reply to `sendAll`. */
export const readSendCounts: Read<SendCounts> = object<SendCounts>({
  sent: count,
  missed: count,
  partial: flag,
});

/** Reads the reply to `send`. */
export const readSendOutcome: Read<SendOutcome> = oneOf(
  "sent",
  "gone",
  "full",
  "interleaved",
  "taken-over",
  "busy",
  "unreachable",
);

/** Reads the reply to `close`. */
export const readCloseOutcome: Read<CloseOutcome> = oneOf(
  "closing",
  "gone",
  "unreachable",
);
