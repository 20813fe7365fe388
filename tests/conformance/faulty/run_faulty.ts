/**
 * Runs cases with a faulty client, several at a time.
 *
 * @module
 */

import { conformanceRoutes } from "../../../handlers/conformance/conformance.ts";
import type { Case } from "../../../lib/conformance/case/case.ts";
import type { CaseResult } from "../../../lib/conformance/case/result.ts";
import { ResultStore } from "../../../lib/conformance/result_store.ts";
import { Router } from "../../../lib/routing/router.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { type Faults, runFaulty } from "./faulty_client.ts";

/** Cases at a time: with more, the engine extends its time limits. */
const CONCURRENT = 8;

/**
 * Runs cases and returns their results in the order of the cases.
 *
 * @param cases to run
 * @param faults of the client
 */
export async function faultyResults(
  cases: readonly Case[],
  faults: Faults,
): Promise<CaseResult[]> {
  const results = new ResultStore();
  const agent = "faulty";
  const routes = conformanceRoutes({ results, listeners: () => [] });
  await using both = listenBoth(serviceOf({ router: new Router(routes) }));
  const base = `ws://127.0.0.1:${both.address.frame.port}`;
  const left = cases[Symbol.iterator]();
  const signal = new AbortController().signal;
  const run = async () => {
    for (const { number, id } of left) {
      await runFaulty(`${base}/runCase?case=${number}&agent=${agent}`, faults);
      await results.wait(agent, id, signal);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, run));
  return cases.map(({ id }) => results.get(agent, id)!);
}
