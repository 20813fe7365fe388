/**
 * Refuses an invalid plan.
 *
 * @module
 */

import { frameListenerPlace } from "../http/frame_listener_place.ts";
import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import type { PlanContext } from "./context.ts";

/**
 * Refuses an invalid plan with 400.
 *
 * @param request the handshake, or a GET
 * @param fault the message, and whether the frame listener can run the plan
 * @param context parts of the running service
 * @param target path on the frame listener
 */
export function refusePlan(
  request: Request,
  fault: { readonly message: string; readonly isForFrameListener: boolean },
  context: PlanContext,
  target: string,
): Response {
  const { message, isForFrameListener } = fault;
  return httpErrorResponse(request, {
    status: 400,
    message: isForFrameListener
      ? `${message}, ${
        frameListenerPlace(request, context.listeners(), target)
      }.`
      : message,
  });
}
