/**
 * The judgement of one rule about a played connection.
 *
 * @module
 */

import type { Judgement } from "../../../../handlers/journal/verdict/rule.ts";
import { judge, RULES } from "../../../../handlers/journal/verdict/verdict.ts";
import type { Played } from "../played.ts";

/**
 * Judges a connection by one rule.
 *
 * @param id of the rule
 * @param played the connection
 * @param others of the same journal
 */
export function judged(
  id: string,
  { record }: Played,
  others: readonly Played[] = [],
): Judgement {
  if (!RULES.some((rule) => rule.id === id)) throw new Error(`no rule ${id}`);
  const connections = [record, ...others.map(({ record }) => record)];
  const { status, evidence, detail } = judge(record, connections).rules
    .find(({ rule }) => rule.id === id)!;
  return { status, evidence, ...(detail !== undefined && { detail }) };
}
