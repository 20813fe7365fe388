/**
 * The routes of plans: `/do/…`, `/fault/NAME` and the catalogue `/faults`.
 *
 * @module
 */

import type { Routes } from "../../lib/routing/router.ts";
import { catalogueRoutes } from "./catalogue/routes.ts";
import type { PlanContext } from "./context.ts";
import { DO_PATH, doRoute, FAULT_PATH, faultRoute } from "./plan_route.ts";

/**
 * Makes the routes of plans.
 *
 * @param context parts of the running service
 */
export function scriptRoutes(context: PlanContext): Routes {
  return {
    [`${DO_PATH}*`]: doRoute(context),
    [`${FAULT_PATH}:name`]: faultRoute(context),
    ...catalogueRoutes(() => context.listeners(), context.workers),
  };
}
