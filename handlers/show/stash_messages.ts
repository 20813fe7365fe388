/**
 * `/stash`: values by JSON messages, for pages and programs that speak WebSocket only.
 *
 * @module
 */

import { RefusedError } from "../../lib/protocol/http_error.ts";
import { isSliceOver, nextSlice } from "../../lib/scheduling/scheduler.ts";
import type { Connection, WebSocketHandler } from "../../lib/websocket.ts";
import { checkName } from "../journal/name.ts";
import { stashQuery } from "./stash_query.ts";
import { MAX_VALUE, type StashStore } from "./stash_store.ts";

/** Values that a connection may wait for at a time. */
export const MAX_WAITS = 16;

/** A request of a client. */
interface Command {
  readonly action: "set" | "get";
  readonly key: string;
  readonly value: unknown;
}

/** Functions that end the waits of a connection. */
export type Waits = Set<() => void>;

const BAD_COMMAND =
  'A message is {"action":"set","key":KEY,"value":VALUE} or {"action":"get","key":KEY}.';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Makes the handler of `/stash`. `set` keeps a value of JSON. `get` removes it and returns
 * it; it waits until there is one. Each message gets one answer: `{"success":true}`, with
 * `value` after `get`, or `{"success":false,"message":…}`. A query asks for one action
 * instead ({@linkcode stashQuery}).
 *
 * @param store holds the values, those of `/stash/:key` included
 */
export function stashMessages(store: StashStore): WebSocketHandler<Waits> {
  return {
    maxPayload: MAX_VALUE,
    handshakes: "query",
    handshake(request) {
      const { search, searchParams } = new URL(request.url);
      if (search === "") return;
      return { handler: stashQuery<Waits>(store, searchParams) };
    },
    open(connection) {
      connection.state = new Set();
    },
    frame(connection, frame) {
      try {
        obey(store, connection, parse(frame.text()));
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        const { message } = error.answer;
        answer(connection, { success: false, message });
      }
      return isSliceOver() ? nextSlice() : undefined;
    },
    close(connection) {
      for (const unwatch of connection.state) unwatch();
    },
  };
}

function answer(connection: Connection<Waits>, value: object): void {
  connection.send(JSON.stringify(value));
}

/** @throws {RefusedError} the stash is full, or the connection waits for too much */
function obey(
  store: StashStore,
  connection: Connection<Waits>,
  { action, key, value }: Command,
): void {
  if (action === "get") return take(store, connection, key);
  const bytes = encoder.encode(JSON.stringify(value));
  store.set(key, { bytes, isText: true });
  answer(connection, { success: true });
}

/** Answers with a value, now or when there is one. */
function take(
  store: StashStore,
  connection: Connection<Waits>,
  key: string,
): void {
  const attempt = (): boolean => {
    const value = store.take(key);
    if (value === undefined) return false;
    const text = decoder.decode(value.bytes);
    answer(connection, { success: true, value: parsed(text) });
    return true;
  };
  if (attempt()) return;
  const waits = connection.state;
  if (waits.size >= MAX_WAITS) throw new RefusedError(TOO_MANY);
  const unwatch = store.watch(key, () => {
    if (!attempt()) return;
    unwatch();
    waits.delete(unwatch);
  });
  waits.add(unwatch);
}

const TOO_MANY = {
  status: 429,
  message: `A connection waits for at most ${MAX_WAITS} values.`,
};

/** @throws {RefusedError} the message is no command, or the key no name */
function parse(text: string): Command {
  const bad = () => new RefusedError({ status: 400, message: BAD_COMMAND });
  let command: Partial<Command> | null;
  try {
    command = JSON.parse(text);
  } catch {
    throw bad();
  }
  const { action, key, value } = command ?? {};
  const isKnown = action === "get" || action === "set" && value !== undefined;
  if (!isKnown || typeof key !== "string") throw bad();
  checkName("value", key);
  return { action, key, value };
}

/** A value that is no JSON, of `/stash/:key`, is a text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
