/**
 * The table of what can be asked for in the query of `/ws`. The handshake's
 * check, the README's table and the console's form all come from it.
 *
 * @module
 */

import type { ListenerName } from "../../lib/websocket.ts";

/** What a parameter of any kind has. */
export interface ParameterCommon {
  /** Its name in the query. */
  readonly name: string;
  /** Where it works. */
  readonly listeners: readonly ListenerName[];
  /** One sentence. */
  readonly description: string;
  /** A query to try it with. */
  readonly example: string;
  /** It means nothing without one of these. */
  readonly needs?: readonly string[];
  /** It can never take effect beside these. */
  readonly excludes?: readonly string[];
}

/** A whole number. */
export interface NumberParameter extends ParameterCommon {
  /** Tells the kinds apart. */
  readonly kind: "number";
  /** The least. */
  readonly min: number;
  /** The most. */
  readonly max: number;
  /** Ranges between them that are not allowed, ends included. */
  readonly gaps?: readonly (readonly [from: number, to: number])[];
  /** What it counts; a code counts nothing. */
  readonly unit?: "ms" | "messages" | "bytes";
}

/** A text. */
export interface TextParameter extends ParameterCommon {
  /** Tells the kinds apart. */
  readonly kind: "text";
  /** Bytes of UTF-8 that it may have. */
  readonly maxBytes: number;
  /** Whether it has to be a token (RFC 9110 §5.6.2). */
  readonly isToken?: true;
}

/** Something that is asked for with `1`, and else left out. */
export interface FlagParameter extends ParameterCommon {
  /** Tells the kinds apart. */
  readonly kind: "flag";
}

/** One of a few words. */
export interface ChoiceParameter extends ParameterCommon {
  /** Tells the kinds apart. */
  readonly kind: "choice";
  /** The words. */
  readonly choices: readonly string[];
}

/** One row of the table. */
export type Parameter =
  | NumberParameter
  | TextParameter
  | FlagParameter
  | ChoiceParameter;

const EVERYWHERE = ["edge", "frame"] as const;
const FRAME_ONLY = ["frame"] as const;

/** The longest time, an hour: longer than any client waits. */
const MAX_TIME = 3_600_000;

/** The shortest interval: 100 times a second is enough for anybody. */
const MIN_INTERVAL = 10;

/** Every parameter, in the order in which the README and the console show them. */
export const PARAMETERS = [
  {
    name: "hello",
    kind: "text",
    maxBytes: 1024,
    listeners: EVERYWHERE,
    description: "Sends this text first.",
    example: "hello=Welcome",
  },
  {
    name: "delay",
    kind: "number",
    min: 0,
    max: MAX_TIME,
    unit: "ms",
    listeners: EVERYWHERE,
    description: "Sends each echo this much later.",
    example: "delay=500",
  },
  {
    name: "jitter",
    kind: "number",
    min: 0,
    max: MAX_TIME,
    unit: "ms",
    listeners: EVERYWHERE,
    description:
      "Sends each echo up to this much later, by chance, beside any delay; the order is kept.",
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
    listeners: EVERYWHERE,
    description: "Reads messages and never answers any.",
    example: "mute=1",
  },
  {
    name: "stall",
    kind: "flag",
    listeners: FRAME_ONLY,
    description:
      "Reads nothing, PING and CLOSE included, until the service closes or IDLE_TIMEOUT is over.",
    example: "stall=1",
  },
  {
    name: "tick",
    kind: "number",
    min: MIN_INTERVAL,
    max: MAX_TIME,
    unit: "ms",
    listeners: EVERYWHERE,
    description:
      "Sends a text of JSON at this interval: tick, a number, and time.",
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
    listeners: EVERYWHERE,
    description: "Closes with this code: at once, or when after or in says so.",
    example: "close=1011&after=3",
  },
  {
    name: "reason",
    kind: "text",
    maxBytes: 123,
    listeners: EVERYWHERE,
    description: "Gives this reason for the close.",
    example: "close=1001&reason=going+away",
    needs: ["close"],
  },
  {
    name: "abort",
    kind: "flag",
    listeners: FRAME_ONLY,
    description:
      "Cuts the TCP connection without a CLOSE, at once or when after or in says so; beside close, right behind the CLOSE.",
    example: "abort=1&after=1",
  },
  {
    name: "after",
    kind: "number",
    min: 0,
    max: 1_000_000,
    unit: "messages",
    listeners: EVERYWHERE,
    description:
      "Closes or aborts when so many messages were answered; with mute, when they arrived.",
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
    listeners: EVERYWHERE,
    description: "Closes or aborts when so much time has passed.",
    example: "close=4000&in=2000",
    needs: ["close", "abort"],
  },
  {
    name: "reject",
    kind: "number",
    min: 200,
    max: 599,
    listeners: EVERYWHERE,
    description:
      "Refuses the handshake with this status; a redirect leads to the same address without reject.",
    example: "reject=503",
  },
  {
    name: "subprotocol",
    kind: "text",
    maxBytes: 128,
    isToken: true,
    listeners: EVERYWHERE,
    description: "Answers with this subprotocol, offered or not.",
    example: "subprotocol=mqtt",
  },
  {
    name: "compression",
    kind: "choice",
    choices: ["off"],
    listeners: EVERYWHERE,
    description:
      "Agrees on no permessage-deflate; the edge listener never does.",
    example: "compression=off",
  },
] as const satisfies readonly Parameter[];

/** A row as it is written. */
export type ParameterRow = typeof PARAMETERS[number];

/** The parameters' names. */
export type ParameterName = ParameterRow["name"];

/** What is asked for, as far as it is; a flag is true. */
export type Behaviour = {
  readonly [Name in ParameterName]?: ValueOf<
    Extract<ParameterRow, { name: Name }>
  >;
};

/** What a parameter's value is once it is read. */
export type ValueOf<P extends Parameter> = P extends NumberParameter ? number
  : P extends TextParameter ? string
  : P extends ChoiceParameter ? P["choices"][number]
  : true;

/**
 * What a parameter may be set to, in words.
 *
 * @param parameter a row of the table
 */
export function allowedValues(parameter: Parameter): string {
  switch (parameter.kind) {
    case "number": {
      const { unit } = parameter;
      return numbers(parameter) + (unit === undefined ? "" : ` ${unit}`);
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

/** The ranges of a number that are allowed. */
function numbers({ min, max, gaps = [] }: NumberParameter): string {
  const starts = [min, ...gaps.map(([, to]) => to + 1)];
  const ends = [...gaps.map(([from]) => from - 1), max];
  return starts.map((start, i) => `${start} to ${ends[i]}`).join(", ");
}
