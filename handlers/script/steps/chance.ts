/**
 * Steps that depend on chance, or on earlier connections of the client.
 *
 * @module
 */

import { innerStep, ms, number, token } from "../arguments/argument.ts";
import { type Step, step } from "../engine/step.ts";
import { rejection } from "../handshake/rejection.ts";

const COUNT = number("N", 1, 1_000_000, "connections");

const RECONNECT = {
  client: "Connects again after a while, as its policy says.",
  section: "RFC 6455 §7.2.3",
  suites: ["Espressif", "okhttp"],
} as const;

/** The steps that depend on chance or on earlier connections. */
export const CHANCE_STEPS: readonly Step[] = [
  step({
    name: "key",
    phase: "handshake",
    needs: "any",
    keeps: "counts",
    isOnce: true,
    needsLater: "state",
    arguments: [token],
    sentence:
      "Names the client for first, every and down; without it, its address does.",
    example: "key:a1b2/first:2:status:503/echo",
    ...RECONNECT,
  }),
  step({
    name: "sometimes",
    phase: "any",
    needs: "any",
    arguments: [number("PERCENT", 1, 99), innerStep],
    choose: (_, [percent]) => 100 * Math.random() < percent,
    sentence: "Runs a step with this probability in percent.",
    example: "sometimes:50:status:503/echo",
    ...RECONNECT,
  }),
  step({
    name: "first",
    phase: "any",
    needs: "any",
    keeps: "counts",
    arguments: [COUNT, innerStep],
    choose: (history, [count]) => history.count() <= count,
    sentence: "Runs a step on the client's first connections only.",
    example: "first:2:status:503/echo",
    ...RECONNECT,
  }),
  step({
    name: "every",
    phase: "any",
    needs: "any",
    keeps: "counts",
    arguments: [COUNT, innerStep],
    choose: (history, [count]) => history.count() % count === 0,
    sentence: "Runs a step on each n-th connection of the client.",
    example: "every:3:abort/echo",
    ...RECONNECT,
  }),
  step({
    name: "down",
    phase: "handshake",
    needs: "any",
    keeps: "counts",
    isOnce: true,
    arguments: [ms],
    choose: (history, [ms]) => history.count() > 1 && history.elapsed() < ms,
    sentence:
      "Accepts the client's first connection, and refuses further ones with 503 for this time after it.",
    example: "down:5000/echo:1/abort",
    ...RECONNECT,
    draft(draft) {
      draft.refusal = rejection(draft.request, 503);
    },
  }),
];
