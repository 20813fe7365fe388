/**
 * A rule of the verdict.
 *
 * @module
 */

import type { ConnectionRecord } from "../record/connection_record.ts";

/** The result of a rule. */
export type Status = "passed" | "failed" | "not tested";

/** The judgement of a rule about one connection. */
export interface Judgement {
  /** The result. */
  readonly status: Status;
  /** Numbers of the entries that show it; a few of them if there are many. */
  readonly evidence: readonly number[];
  /** A short description of the evidence. */
  readonly detail?: string;
}

/** A rule for clients. */
export interface Rule {
  /** Name of the rule. */
  readonly id: string;
  /** Where it stands, such as `RFC 6455 §5.1`. */
  readonly section: string;
  /** How the RFC says it. */
  readonly level: "MUST" | "SHOULD";
  /** The behaviour of a correct client. */
  readonly text: string;
  /** Whether it is judged on the edge listener, too, which shows no frames. */
  readonly isOnEdge: boolean;
  /**
   * Judges a connection.
   *
   * @param record of the connection
   * @param others the other connections of the journal
   */
  judge(
    record: ConnectionRecord,
    others: readonly ConnectionRecord[],
  ): Judgement;
}

/** Entries that a judgement names at most. */
const MAX_EVIDENCE = 10;

/**
 * The rule was kept.
 *
 * @param evidence entries that show it
 * @param detail what was seen
 */
export function passed(
  evidence: readonly { readonly n: number }[],
  detail?: string,
): Judgement {
  return judgement("passed", evidence, detail);
}

/**
 * The rule was broken.
 *
 * @param evidence entries that show it
 * @param detail what was seen
 */
export function failed(
  evidence: readonly { readonly n: number }[],
  detail: string,
): Judgement {
  return judgement("failed", evidence, detail);
}

/**
 * The connection does not show whether the client keeps the rule.
 *
 * @param detail what would show it
 */
export function notTested(detail: string): Judgement {
  return judgement("not tested", [], detail);
}

function judgement(
  status: Status,
  entries: readonly { readonly n: number }[],
  detail: string | undefined,
): Judgement {
  const evidence = entries.slice(0, MAX_EVIDENCE).map(({ n }) => n);
  return { status, evidence, ...(detail !== undefined && { detail }) };
}

/**
 * Formats a number of things: `1 frame`, `2 frames`.
 *
 * @param count number of them
 * @param noun in the singular
 */
export function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
