/**
 * The fields of log lines: every value that a line names, by OpenTelemetry's attribute
 * name where there is one. The JSON format writes the name, the text format the label.
 *
 * @module
 */

import { printable } from "./printable.ts";

/** One field. */
export interface Field {
  /** The name in a text line, where the value stands after the message. */
  readonly label: string;
  /** The meaning, with the unit. */
  readonly meaning: string;
}

/** All fields by their names in JSON, in the order of `lib/log/README.md`. */
export const FIELDS = {
  "session.id": field("sock", "id of the session"),
  "listener": field("listener", "`edge` or `frame`"),
  "client.address": field(
    "client",
    "address of the client, also behind proxies",
  ),
  "client.port": field(
    "port",
    "port of the client, unless it is behind a proxy",
  ),
  "network.peer.address": field("proxy", "address of the last proxy"),
  "url.path": field("path", "path of the request, without its query"),
  "http.route": field("route", "path of the route in the router map"),
  "http.route.index": field("index", "position of the route in the router map"),
  "http.request.method": field("method", "method of the request"),
  "http.response.status_code": field("status", "status of the response"),
  "user_agent.original": field("agent", "the `User-Agent` field"),
  "websocket.subprotocol": field(
    "subprotocol",
    "the negotiated subprotocol, or those that the client offered",
  ),
  "websocket.accept": field("accept", "the `Sec-WebSocket-Accept` field"),
  "websocket.close.code": field("code", "close code of the connection"),
  "websocket.close.reason": field("reason", "reason of the client's CLOSE"),
  "websocket.close.by": field("by", "side that closed: `client` or `server`"),
  "websocket.close.sent_code": field(
    "sent",
    "code of the server's CLOSE, if the server closed",
  ),
  "websocket.close.sent_reason": field(
    "sent_reason",
    "reason of the server's CLOSE, if the server closed",
  ),
  "websocket.close.timeout": field(
    "timeout",
    "the setting whose time was over",
  ),
  "websocket.connection.duration": field(
    "seconds",
    "seconds from the handshake to the end",
  ),
  "websocket.received.messages": field("received", "messages from the client"),
  "websocket.received.bytes": field(
    "received_bytes",
    "payload bytes from the client",
  ),
  "websocket.sent.messages": field("sent_messages", "messages to the client"),
  "websocket.sent.bytes": field("sent_bytes", "payload bytes to the client"),
  "websocket.frame.opcode": field("opcode", "opcode, as a number"),
  "websocket.frame.length": field("length", "payload bytes of a frame"),
  "websocket.frame.final": field("final", "1 for the last fragment, else 0"),
  "websocket.part.size": field("size", "bytes of a part or a fragment"),
  "websocket.part.left": field("left", "bytes of the frame from this part on"),
  "websocket.message": field("message", "start of a message"),
  "refusal.reason": field("reason", "why a request is refused"),
  "outcome": field("outcome", "result of an admin call"),
  "sessions.sent": field("sent", "sessions that were sent a message"),
  "sessions.missed": field(
    "missed",
    "sessions that could not be sent a message",
  ),
  "connections": field("connections", "number of connections"),
  "requests": field("requests", "number of HTTP requests"),
  "thread.name": field("thread", "name of a thread"),
  "threads": field("threads", "number of threads"),
  "memory.bytes": field("bytes", "bytes of memory"),
  "duration": field("duration", "a time in seconds"),
  "exit.code": field("exit", "exit code of the process"),
  "process.signal": field("signal", "name of a signal"),
  "service.version": field("version", "version of the service"),
  "process.runtime.version": field("deno", "version of Deno"),
  "server.address": field("server", "address or host of a server"),
  "server.port": field("server_port", "port of a listener"),
  "url.full": field("url", "a URL, or several"),
  "purpose": field("purpose", "what a listener is for"),
  "code.function.name": field("function", "name of a function of the program"),
  "setting": field("setting", "variable of a setting"),
  "tls.server.not_after": field("not_after", "when the certificate expires"),
  "exception.type": field("exception", "class of an error"),
  "exception.message": field("error", "message of an error"),
  "exception.stacktrace": field(
    "stack",
    "stack of an error, once for each place",
  ),
  "log.repetitions": field(
    "more",
    "lines of the same kind that were not written",
  ),
  "log.window": field("in", "seconds in which they were counted"),
} as const satisfies Readonly<Record<string, Field>>;

function field(label: string, meaning: string): Field {
  return { label, meaning };
}

/** The name of a field in JSON. */
export type FieldName = keyof typeof FIELDS;

/** Values by the names of their fields; `undefined` counts as unset. */
export type FieldValues = {
  readonly [Name in FieldName]?: string | number | undefined;
};

/** How values appear in a text line, and how their lines are folded. */
export interface LogFieldsOptions {
  /**
   * The values after the message of a text line.
   * @default each value after its label
   */
  readonly text?: string;
  /** The part of it that belongs to the message in JSON. */
  readonly message?: string;
  /** Names the kind of the line: lines of one kind are folded. */
  readonly kind?: string;
  /** Whether lines of level INFO are folded, too. */
  readonly folds?: boolean;
}

/** Values of a log line, as an argument of a logger's method. */
export class LogFields {
  /** The values. */
  readonly values: FieldValues;
  /** The part of the text that belongs to the message in JSON. */
  readonly message: string;
  /** Names the kind of the line; `undefined`: its message does. */
  readonly kind: string | undefined;
  /** Whether lines of level INFO are folded, too. */
  readonly folds: boolean;
  readonly #text: string | undefined;

  /** Makes the fields of a line. */
  constructor(values: FieldValues, options: LogFieldsOptions = {}) {
    this.values = values;
    this.message = options.message ?? "";
    this.kind = options.kind;
    this.folds = options.folds ?? false;
    this.#text = options.text;
  }

  /** The values in a text line, after the message. */
  toString(): string {
    return this.#text ?? labelled(this.values);
  }

  /** The values for JSON: text of a client is safe and short. */
  toJSON(): Record<string, string | number> {
    return this.addTo({});
  }

  /**
   * Adds the values to an object for JSON.
   *
   * @param target the object
   * @returns the object
   */
  addTo(
    target: Record<string, string | number>,
  ): Record<string, string | number> {
    const { values } = this;
    for (const key in values) {
      if (!Object.hasOwn(values, key)) continue;
      const value = values[key as FieldName];
      if (value === undefined) continue;
      target[key] = key === "exception.stacktrace" ? value : shown(value);
    }
    return target;
  }
}

/**
 * Makes the message of a line and the fields that it names: a template whose values are
 * objects with one field each. Spread the result into a logger's method.
 *
 * @example
 * ```ts ignore
 * const [message] = line`Frame len is ${{ "websocket.frame.length": 9 }}`;
 * console.log(message); // Frame len is 9
 * ```
 *
 * @param parts the texts between the values
 * @param holes the values
 */
export function line(
  parts: TemplateStringsArray,
  ...holes: FieldValues[]
): [message: string, fields: LogFields] {
  const values: Record<string, string | number> = {};
  let message = parts[0]!;
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index]!;
    for (const key in hole) {
      if (!Object.hasOwn(hole, key)) continue;
      const value = hole[key as FieldName] ?? "";
      values[key] = value;
      message += shown(value);
    }
    message += parts[index + 1];
  }
  return [message, new LogFields(values, { text: "", kind: kindOf(parts) })];
}

/** The kinds of templates, whose texts are the same object at each call. */
const kinds = new WeakMap<TemplateStringsArray, string>();

function kindOf(parts: TemplateStringsArray): string {
  let kind = kinds.get(parts);
  if (kind === undefined) kinds.set(parts, kind = parts.join("#"));
  return kind;
}

/**
 * Makes fields that stand after the message, as `label=value`.
 *
 * @param values the values
 * @param options `kind` and `folds`
 */
export function details(
  values: FieldValues,
  options: Pick<LogFieldsOptions, "kind" | "folds"> = {},
): LogFields {
  return new LogFields(values, options);
}

/**
 * Makes the fields of an error: `Name: message` in a text line.
 *
 * @param error the error
 * @param stack its stack frames, or ""
 */
export function errorFields({ name, message }: Error, stack = ""): LogFields {
  const text = `${name}: ${printable(message)}`;
  return new LogFields({
    "exception.type": name,
    "exception.message": message,
    "exception.stacktrace": stack || undefined,
  }, { text: stack === "" ? text : `${text}\n${stack}`, message: text });
}

function labelled(values: FieldValues): string {
  return given(values)
    .map(([name, value]) => `${FIELDS[name].label}=${quoted(shown(value))}`)
    .join(" ");
}

/** A value with a space or a quote is quoted, so that the next label is found. */
function quoted(value: string | number): string {
  return typeof value === "number" || /^[^\s"=]+$/.test(value)
    ? String(value)
    : `"${value.replaceAll('"', '\\"')}"`;
}

function given(values: FieldValues): [FieldName, string | number][] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined) as [
      FieldName,
      string | number,
    ][];
}

function shown<Value extends string | number>(value: Value): Value {
  return typeof value === "string" ? printable(value) as Value : value;
}
