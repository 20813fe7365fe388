/**
 * The accessibility of a page.
 *
 * @module
 */

import axe from "axe-core/axe.min.js" with { type: "text" };
import type { Page } from "playwright-core";

/**
 * The violations that axe finds.
 *
 * @param page as it is now
 */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return await page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) =>
        id + " at " + target + ": " + failureSummary)))`);
}
