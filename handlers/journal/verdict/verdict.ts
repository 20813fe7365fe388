/**
 * The verdict about a connection: every rule, and whether the client kept it.
 *
 * @module
 */

import type { ConnectionRecord } from "../record/connection_record.ts";
import { CLOSING_RULES } from "./closing.ts";
import { COMPRESSION_RULES } from "./compression.ts";
import { CONTROL_RULES } from "./control.ts";
import { FAULT_RULES } from "./faults.ts";
import { FRAMING_RULES } from "./framing.ts";
import { HANDSHAKE_RULES } from "./handshake.ts";
import { MASKING_RULES } from "./masking.ts";
import { type Judgement, notTested, type Rule, type Status } from "./rule.ts";
import { TEXT_RULES } from "./text.ts";

/** Every rule, in the order of a connection. */
export const RULES: readonly Rule[] = [
  ...HANDSHAKE_RULES,
  ...MASKING_RULES,
  ...FRAMING_RULES,
  ...TEXT_RULES,
  ...COMPRESSION_RULES,
  ...CONTROL_RULES,
  ...CLOSING_RULES,
  ...FAULT_RULES,
];

/** A rule and what it says. */
export interface JudgedRule extends Judgement {
  /** The rule. */
  readonly rule: Rule;
}

/** The verdict about one connection. */
export interface Verdict {
  /** Number of rules by their result. */
  readonly counts: Readonly<Record<Status, number>>;
  /** The rules in order. */
  readonly rules: readonly JudgedRule[];
}

const NEEDS_FRAMES = notTested("the edge listener does not show it");

/**
 * Judges a connection, which may still be open.
 *
 * @param record of the connection
 * @param connections all connections of the journal
 */
export function judge(
  record: ConnectionRecord,
  connections: readonly ConnectionRecord[],
): Verdict {
  const others = connections.filter((other) => other !== record);
  const isOnEdge = record.shows === "messages";
  const rules = RULES.map((rule) => ({
    rule,
    ...(isOnEdge && !rule.isOnEdge ? NEEDS_FRAMES : rule.judge(record, others)),
  }));
  const count = (status: Status) =>
    rules.filter((rule) => rule.status === status).length;
  return {
    counts: {
      passed: count("passed"),
      failed: count("failed"),
      "not tested": count("not tested"),
    },
    rules,
  };
}
