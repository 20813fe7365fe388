/**
 * `/stash?action=…`: one value by the query of a WebSocket, in the protocol of
 * web-platform-tests' `stash_responder`.
 *
 * @module
 */

import { oneOf } from "../../lib/config/kinds.ts";
import { checkNames, readParameter } from "../../lib/http/query.ts";
import { CLOSE_CODE } from "../../lib/protocol/close_code.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
import { checkName } from "../journal/name.ts";
import type { StashStore } from "./stash_store.ts";

/** The message that starts the action; other messages have no effect. */
const START = "echo";

/** `path` is allowed, and has no effect: a key is valid for all paths. */
const NAMES = ["action", "key", "value", "path"];

const ACTION = oneOf("put", "take", "purge");

const BAD_QUERY = {
  status: 400,
  message: "A query has action=put, take or purge, a key, and a value to put.",
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Makes the handler of one connection. At the message `echo`, `put` keeps the value,
 * `take` and `purge` remove and return it, or null. The answer is
 * `{"status":…,"result":…}`: `put` and `purge` have the status `success`; `take` has
 * `blocked` if there was a value, and `allowed` if there was none. Then the connection is
 * closed with 1000, or with 1013 if the stash is full.
 *
 * @param store holds the values
 * @param query of the handshake
 * @throws {RefusedError} 400, the query is not valid
 */
export function stashQuery<State>(
  store: StashStore,
  query: URLSearchParams,
): WebSocketHandler<State> {
  checkNames(query, NAMES);
  const action = readParameter(query, "action", ACTION);
  const value = query.get("value");
  if (action === undefined || (action === "put" && value === null)) {
    throw new RefusedError(BAD_QUERY);
  }
  const key = checkName("value", query.get("key") ?? "");
  const answer = () => {
    if (action === "put") {
      store.set(key, { bytes: encoder.encode(value!), isText: true });
      return { status: "success", result: key };
    }
    const bytes = store.take(key)?.bytes;
    const result = bytes === undefined ? null : decoder.decode(bytes);
    if (action === "purge") return { status: "success", result };
    return { status: result === null ? "allowed" : "blocked", result };
  };
  return {
    frame(connection, frame) {
      if (frame.opcode !== "text" || frame.text() !== START) return;
      try {
        connection.send(JSON.stringify(answer()));
        connection.close(CLOSE_CODE.normal);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        const { message } = error.answer;
        connection.close(CLOSE_CODE.tryAgainLater, message);
      }
    },
  };
}
