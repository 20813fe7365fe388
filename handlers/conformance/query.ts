/**
 * The queries of the suite's protocol: which case, for which client, of which selection.
 *
 * @module
 */

import type { Kind } from "../../lib/config/kinds.ts";
import type { Case } from "../../lib/conformance/case/case.ts";
import {
  PatternError,
  type Patterns,
  selectCases,
  splitPatterns,
} from "../../lib/conformance/selection.ts";
import {
  checkNames,
  QueryError,
  readParameter,
  wholeNumber,
} from "../../lib/http/query.ts";

/** The parameters that a route needs, in addition to those that every route has. */
export type Required = "case" | "agent";

/** A query. */
export interface CaseQuery {
  /** The selected cases; the case with the number N is at index N − 1. */
  readonly cases: readonly Case[];
  /** The case, if the route needs one. */
  readonly case: Case | undefined;
  /** Name of the client; `""` if it gives none. */
  readonly agent: string;
}

/** The parameters of every route. */
export const PARAMETERS: readonly string[] = [
  "case",
  "casetuple",
  "agent",
  "cases",
  "exclude",
];

/** Characters of a client's name. */
const MAX_AGENT = 100;

const agentName: Kind<string> = {
  allowed: `the client's name, with 1 to ${MAX_AGENT} characters`,
  parse: (text) => {
    const name = text.trim();
    return name !== "" && name.length <= MAX_AGENT ? name : undefined;
  },
};

const patterns: Kind<string[]> = {
  allowed: "ids or patterns of cases, such as 1.*,9.1.1",
  parse(text) {
    const list = splitPatterns(text);
    return list.length > 0 && list.length <= 1000 ? list : undefined;
  },
};

/**
 * Reads a query.
 *
 * @param query of the request
 * @param required parameters that have to be there
 * @param defaults the selection if the query has none
 * @throws {RefusedError} 400, with the parameters or values that are allowed
 */
export function readQuery(
  query: URLSearchParams,
  required: readonly Required[],
  defaults: Patterns = {},
): CaseQuery {
  checkNames(query, PARAMETERS);
  const agent = readParameter(query, "agent", agentName);
  if (agent === undefined && required.includes("agent")) {
    throw new QueryError("agent", agentName.allowed);
  }
  const cases = readSelection(query, defaults);
  return {
    cases,
    case: required.includes("case") ? readCase(query, cases) : undefined,
    agent: agent ?? "",
  };
}

function readSelection(
  query: URLSearchParams,
  defaults: Patterns,
): readonly Case[] {
  const selection = {
    cases: readParameter(query, "cases", patterns) ?? defaults.cases,
    exclude: readParameter(query, "exclude", patterns) ?? defaults.exclude,
  };
  try {
    return selectCases(selection);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const name = query.has("cases") ? "cases" : "exclude";
    throw new QueryError(name, `${patterns.allowed}: ${error.message}`);
  }
}

/** The case by its number in the selection, or by its id. */
function readCase(query: URLSearchParams, cases: readonly Case[]): Case {
  const byId: Kind<Case> = {
    allowed: "the id of a selected case, such as 1.1.1",
    parse: (text) => cases.find(({ id }) => id === text.trim()),
  };
  const found = readParameter(query, "casetuple", byId);
  const number = wholeNumber(1, cases.length);
  const place = readParameter(query, "case", number);
  if (place !== undefined) return cases[place - 1]!;
  if (found !== undefined) return found;
  throw new QueryError("case", number.allowed);
}
