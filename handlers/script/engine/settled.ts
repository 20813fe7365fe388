/**
 * The end of a step that sends.
 *
 * @module
 */

import { isSliceOver, nextSlice } from "../../../lib/scheduling/scheduler.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Waits until all that was sent is handed to the operating system, and lets other
 * connections run if the step has used the time slice: a plan may have many such steps.
 *
 * @param endpoint of the plan
 */
export async function settled(
  endpoint: Pick<Endpoint, "flushed">,
): Promise<void> {
  await endpoint.flushed();
  if (isSliceOver()) await nextSlice();
}
