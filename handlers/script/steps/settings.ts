/**
 * Steps that change how the connection behaves from now on.
 *
 * @module
 */

import {
  type Argument,
  MAX_TIME,
  MAX_UNNOTICED,
  ms,
  number,
  optional,
} from "../arguments/argument.ts";
import type { Delivery, WireSettings } from "../engine/endpoint.ts";
import { type Step, step } from "../engine/step.ts";

const RATE: Argument<number> = number("BYTES", 1, 2 ** 30, "bytes per second");

/** The steps that change settings of the connection. */
export const SETTING_STEPS: readonly Step[] = [
  step({
    name: "delay",
    phase: "connection",
    needs: "any",
    prefersWire: ([delay, jitter = 0]) => delay + jitter > MAX_UNNOTICED,
    needsLater: "echo",
    arguments: [ms, optional(number("JITTER", 0, MAX_TIME, "ms"))],
    sentence:
      "Delays each echo by this time, and by a random one up to the second; the order is kept.",
    example: "delay:200:300/echo",
    client: "Waits.",
    section: "",
    suites: ["web-platform-tests"],
    run: (run, [delay, jitter = 0]) => run.setReplies({ delay, jitter }),
  }),
  step({
    name: "fragment",
    phase: "connection",
    needs: "frame",
    needsLater: "echo",
    arguments: [number("BYTES", 1, 2 ** 24, "bytes")],
    sentence: "Sends each echo in fragments of this size.",
    example: "fragment:2/echo",
    client: "Delivers one message for each echo.",
    section: "RFC 6455 §5.4",
    suites: ["Autobahn", "dotnet"],
    run: (run, [fragment]) => run.setReplies({ fragment }),
  }),
  step({
    name: "stall",
    phase: "connection",
    needs: "frame",
    prefersWire: ([ms = Infinity]) => ms > MAX_UNNOTICED,
    arguments: [optional(ms)],
    sentence:
      "Reads nothing, not even PING and CLOSE, for this time; without one, from now on.",
    example: "stall:5000/echo",
    client: "Limits what it keeps for sending.",
    section: "RFC 6455 §5.5.2",
    suites: ["web-platform-tests", "okhttp", "ws"],
    run(run, [ms]) {
      run.endpoint.pauseReading();
      if (ms === undefined) return;
      return run.wait(ms).then(() => run.endpoint.resumeReading());
    },
  }),
  setting({
    name: "no-pong",
    arguments: [],
    sentence: "Answers no PING from now on.",
    example: "no-pong/echo",
    client: "Fails the connection when its PING gets no answer in time.",
    section: "RFC 6455 §5.5.2",
    suites: ["okhttp", "ws", "dotnet", "Espressif"],
    set: (settings) => settings.pong = "none",
  }),
  setting({
    name: "late-pong",
    arguments: [ms],
    sentence: "Answers each PING after this time.",
    example: "late-pong:3000/echo",
    client: "Waits up to its own limit.",
    section: "RFC 6455 §5.5.2",
    suites: ["okhttp", "dotnet"],
    set: (settings, [ms]) => settings.pong = ms,
  }),
  setting({
    name: "wrong-pong",
    arguments: [],
    sentence: "Answers each PING with a PONG that has another payload.",
    example: "wrong-pong/echo",
    client: "Does not take it for the answer to its PING.",
    section: "RFC 6455 §5.5.3",
    suites: ["dotnet"],
    set: (settings) => settings.pong = "wrong",
  }),
  setting({
    name: "no-close",
    arguments: [],
    sentence: "Answers no CLOSE from now on, and leaves TCP open.",
    example: "no-close/echo",
    client: "Ends TCP after its own time limit.",
    section: "RFC 6455 §7.1.1",
    suites: ["web-platform-tests", "okhttp", "ws", "undici", "dotnet"],
    set: (settings) => settings.close = "none",
  }),
  setting({
    name: "late-close",
    arguments: [ms],
    sentence: "Answers the client's CLOSE after this time.",
    example: "late-close:1000/echo",
    client: "Waits for the answer up to its own limit.",
    section: "RFC 6455 §7.1.2",
    suites: ["web-platform-tests", "ws"],
    set: (settings, [ms]) => settings.close = ms,
  }),
  setting({
    name: "cut-on-close",
    arguments: [],
    sentence: "Ends TCP without an answer when the client's CLOSE comes.",
    example: "cut-on-close/echo",
    client: "Reports 1006.",
    section: "RFC 6455 §7.1.5",
    suites: ["web-platform-tests", "ws", "undici"],
    set: (settings) => settings.close = "cut",
  }),
  setting({
    name: "slow-read",
    arguments: [RATE],
    sentence: "Reads this many bytes per second.",
    example: "slow-read:1024/echo",
    client:
      "Limits what it keeps for sending, and shows it as its buffered amount.",
    section: "",
    suites: ["web-platform-tests", "okhttp"],
    set: (settings, [rate]) => settings.readRate = rate,
  }),
  setting({
    name: "slow-write",
    arguments: [RATE],
    sentence: "Writes this many bytes per second.",
    example: "slow-write:10/text:hello/echo",
    client: "Reads a frame in any number of pieces.",
    section: "RFC 6455 §5.4",
    suites: ["Autobahn", "Espressif"],
    set: (settings, [rate]) => settings.delivery = dripOf(rate),
  }),
  step({
    name: "drip",
    phase: "any",
    needs: "wire",
    arguments: [
      number("BYTES", 1, 65_536, "bytes"),
      number("MS", 1, 60_000, "ms"),
    ],
    sentence:
      "Writes all output from now on in segments of this size, with this time between two.",
    example: "drip:1:20/text:hello",
    client: "Reads the answer and frames in any number of pieces.",
    section: "RFC 6455 §5.4",
    suites: ["Autobahn", "ws", "Espressif"],
    draft(draft, [bytes, ms]) {
      draft.delivery = { kind: "drip", bytes, ms };
    },
    run(run, [bytes, ms]) {
      run.wire.settings.delivery = { kind: "drip", bytes, ms };
    },
  }),
  step({
    name: "split",
    phase: "any",
    needs: "wire",
    arguments: [number("N", 1, 65_536, "bytes")],
    sentence:
      "Cuts the answer and each frame from now on into two segments, the first of this size.",
    example: "split:50/text:hello",
    client: "Puts the segments together.",
    section: "RFC 6455 §5.4",
    suites: ["ws", "undici", "Espressif"],
    draft(draft, [at]) {
      draft.delivery = { kind: "split", at };
    },
    run(run, [at]) {
      run.wire.settings.delivery = { kind: "split", at };
    },
  }),
  step({
    name: "glue",
    phase: "handshake",
    needs: "wire",
    isOnce: true,
    isFor101: true,
    needsLater: "output",
    arguments: [],
    sentence:
      "Sends the 101 and the frames up to the first step that waits in one segment.",
    example: "glue/text:hello/ping",
    client: "Takes the bytes after the 101 for frames.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "ws", "undici", "Espressif"],
    draft(draft) {
      draft.isGlued = true;
    },
  }),
];

/** The fields of a step that changes a setting. */
type SettingStep<A extends readonly Argument<unknown>[]> =
  & Pick<
    Parameters<typeof step<A>>[0],
    | "name"
    | "arguments"
    | "sentence"
    | "example"
    | "client"
    | "section"
    | "suites"
  >
  & {
    readonly set: (
      settings: WireSettings,
      values: Parameters<NonNullable<Parameters<typeof step<A>>[0]["run"]>>[1],
    ) => unknown;
  };

function setting<const A extends readonly Argument<unknown>[]>(
  { set, ...row }: SettingStep<A>,
): Step {
  return step<A>({
    ...row,
    phase: "connection",
    needs: "wire",
    run(run, values) {
      set(run.wire.settings, values);
    },
  });
}

/** Ten segments per second, or one byte at a time. */
function dripOf(rate: number): Delivery {
  const bytes = Math.max(1, Math.floor(rate / 10));
  return { kind: "drip", bytes, ms: Math.round(1000 * bytes / rate) };
}
