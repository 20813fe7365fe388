/**
 * The query parameters of `/ws`. The parser, the console's form and the table in
 * README.md use this table.
 *
 * @module
 */

import type { ListenerName } from "../../../lib/websocket.ts";

/** The common fields of all kinds of parameters. */
export interface ParameterCommon {
  /** The name in the query. */
  readonly name: string;
  /** The listeners that support it. */
  readonly listeners: readonly ListenerName[];
  /** The effect, in one sentence. */
  readonly description: string;
  /** An example query. */
  readonly example: string;
  /** The parameter needs one of these. */
  readonly needs?: readonly string[];
  /** The parameter has no effect together with any of these. */
  readonly excludes?: readonly string[];
}

/** A parameter whose value is a whole number. */
export interface NumberParameter extends ParameterCommon {
  /** Discriminates {@linkcode Parameter}. */
  readonly kind: "number";
  /** The minimum. */
  readonly min: number;
  /** The maximum. */
  readonly max: number;
  /** Ranges that are not allowed, both ends included. */
  readonly gaps?: readonly (readonly [from: number, to: number])[];
  /** The unit; codes have none. */
  readonly unit?: "ms" | "messages" | "bytes";
}

/** A parameter whose value is a text. */
export interface TextParameter extends ParameterCommon {
  /** Discriminates {@linkcode Parameter}. */
  readonly kind: "text";
  /** Maximum size in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Whether the value must be a token (RFC 9110 §5.6.2). */
  readonly isToken?: true;
}

/** A parameter whose only value is `1`. */
export interface FlagParameter extends ParameterCommon {
  /** Discriminates {@linkcode Parameter}. */
  readonly kind: "flag";
}

/** A parameter whose value is one of some words. */
export interface ChoiceParameter extends ParameterCommon {
  /** Discriminates {@linkcode Parameter}. */
  readonly kind: "choice";
  /** The allowed words. */
  readonly choices: readonly string[];
}

/** A row of the table. */
export type Parameter =
  | NumberParameter
  | TextParameter
  | FlagParameter
  | ChoiceParameter;

const BOTH = ["edge", "frame"] as const;
const FRAME_ONLY = ["frame"] as const;

/** The maximum time in milliseconds: one hour. */
const MAX_TIME = 3_600_000;

/** The minimum interval in milliseconds. */
const MIN_INTERVAL = 10;

/** All parameters, in the order of the README and the console. */
export const PARAMETERS = [
  {
    name: "hello",
    kind: "text",
    maxBytes: 1024,
    listeners: BOTH,
    description: "Sends this text when the connection opens.",
    example: "hello=Welcome",
  },
  {
    name: "delay",
    kind: "number",
    min: 0,
    max: MAX_TIME,
    unit: "ms",
    listeners: BOTH,
    description: "Delays each echo by this time.",
    example: "delay=500",
  },
  {
    name: "jitter",
    kind: "number",
    min: 0,
    max: MAX_TIME,
    unit: "ms",
    listeners: BOTH,
    description:
      "Delays each echo by a random time up to this one, in addition to delay; the order is kept.",
    example: "delay=200&jitter=300",
  },
  {
    name: "fragment",
    kind: "number",
    min: 1,
    max: 2 ** 24,
    unit: "bytes",
    listeners: FRAME_ONLY,
    description: "Sends each echo in fragments of this size.",
    example: "fragment=2",
  },
  {
    name: "mute",
    kind: "flag",
    listeners: BOTH,
    description: "Reads messages and answers none.",
    example: "mute=1",
  },
  {
    name: "stall",
    kind: "flag",
    listeners: FRAME_ONLY,
    description:
      "Reads nothing, not even PING and CLOSE, until the service closes or the client leaves.",
    example: "stall=1",
  },
  {
    name: "tick",
    kind: "number",
    min: MIN_INTERVAL,
    max: MAX_TIME,
    unit: "ms",
    listeners: BOTH,
    description:
      "Sends a JSON text at this interval, with the members tick (a number) and time.",
    example: "tick=1000",
  },
  {
    name: "ping",
    kind: "number",
    min: MIN_INTERVAL,
    max: MAX_TIME,
    unit: "ms",
    listeners: FRAME_ONLY,
    description: "Sends a PING at this interval, with its number as payload.",
    example: "ping=1000",
  },
  {
    name: "close",
    kind: "number",
    min: 1000,
    max: 4999,
    gaps: [[1004, 1006], [1015, 2999]],
    listeners: BOTH,
    description:
      "Closes with this code: at once, or when after or in is reached.",
    example: "close=1011&after=3",
  },
  {
    name: "reason",
    kind: "text",
    maxBytes: 123,
    listeners: BOTH,
    description: "Sends this reason with the close code.",
    example: "close=1001&reason=going+away",
    needs: ["close"],
  },
  {
    name: "abort",
    kind: "flag",
    listeners: FRAME_ONLY,
    description:
      "Ends TCP without a CLOSE, at once or when after or in is reached; with close, right after the CLOSE.",
    example: "abort=1&after=1",
  },
  {
    name: "after",
    kind: "number",
    min: 0,
    max: 1_000_000,
    unit: "messages",
    listeners: BOTH,
    description:
      "Closes or aborts after this number of answered messages; with mute, of received messages.",
    example: "close=1000&after=2",
    needs: ["close", "abort"],
    excludes: ["stall"],
  },
  {
    name: "in",
    kind: "number",
    min: 0,
    max: MAX_TIME,
    unit: "ms",
    listeners: BOTH,
    description: "Closes or aborts after this time.",
    example: "close=4000&in=2000",
    needs: ["close", "abort"],
  },
  {
    name: "reject",
    kind: "number",
    min: 200,
    max: 599,
    listeners: BOTH,
    description:
      "Refuses the handshake with this status; a redirect leads to the same address without reject.",
    example: "reject=503",
  },
  {
    name: "subprotocol",
    kind: "text",
    maxBytes: 128,
    isToken: true,
    listeners: BOTH,
    description:
      "Answers with this subprotocol, even if the client does not offer it.",
    example: "subprotocol=mqtt",
  },
  {
    name: "compression",
    kind: "choice",
    choices: ["off"],
    listeners: BOTH,
    description:
      "Does not negotiate permessage-deflate; the edge listener never does.",
    example: "compression=off",
  },
] as const satisfies readonly Parameter[];

/**
 * The requested behaviour: the value of each parameter in the query; a flag is true.
 */
export type Behaviour = {
  readonly [P in typeof PARAMETERS[number] as P["name"]]?: P extends
    NumberParameter ? number
    : P extends TextParameter ? string
    : P extends ChoiceParameter ? P["choices"][number]
    : true;
};

/** The name of a parameter. */
export type ParameterName = keyof Behaviour;

/**
 * Describes the allowed values of a parameter.
 *
 * @param parameter a row of the table
 */
export function allowedValues(parameter: Parameter): string {
  switch (parameter.kind) {
    case "number": {
      const { unit } = parameter;
      return ranges(parameter) + (unit === undefined ? "" : ` ${unit}`);
    }
    case "text":
      return parameter.isToken
        ? `a token of at most ${parameter.maxBytes} characters`
        : `a text of at most ${parameter.maxBytes} bytes`;
    case "choice":
      return parameter.choices.join(" or ");
    case "flag":
      return "1";
  }
}

function ranges({ min, max, gaps = [] }: NumberParameter): string {
  const starts = [min, ...gaps.map(([, to]) => to + 1)];
  const ends = [...gaps.map(([from]) => from - 1), max];
  return starts.map((start, i) => `${start} to ${ends[i]}`).join(", ");
}
