/**
 * `/conformance/`: the reports on the cases, on the edge listener.
 *
 * @module
 */

import type { ResultStore } from "../../../lib/conformance/result_store.ts";
import { checkNames } from "../../../lib/http/query.ts";
import { pacedBody, type ResponseSlot } from "../../../lib/http/paced_body.ts";
import type { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import type { HttpHandler, Routes } from "../../../lib/routing/router.ts";
import { FILE_NAMES, type ReportFile, Reports } from "./report_files.ts";

/** Path of the reports. */
export const REPORTS_PATH = "/conformance/";

/** The pages have no script; styles and images are those of this server. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Makes the routes of the reports.
 *
 * @param results of all agents
 * @param requests limits unread reports
 */
export function reportRoutes(
  results: ResultStore,
  requests: LongRunningRequests,
): Routes {
  const get: HttpHandler = (request, info) => {
    const name = info.params["*"] || "index.html";
    const { searchParams } = new URL(request.url);
    checkNames(searchParams, ["agent"]);
    const reports = new Reports(results, searchParams.getAll("agent"));
    const file = reports.file(name);
    if (file !== undefined) {
      return responseOf(file, requests.begin(request, info));
    }
    throw new RefusedError({
      status: 404,
      message: `There is no such report: ${FILE_NAMES.join(", ")}, ` +
        "and one file for each case, which index.json names.",
    });
  };
  return {
    // The pages have relative links.
    "/conformance": {
      GET: (request) => {
        const { search } = new URL(request.url);
        const location = REPORTS_PATH + search;
        return new Response(null, { status: 308, headers: { location } });
      },
    },
    [`${REPORTS_PATH}*`]: { GET: get },
  };
}

function responseOf({ type, parts }: ReportFile, slot: ResponseSlot): Response {
  return new Response(pacedBody(parts, slot), {
    headers: {
      "cache-control": "no-store",
      "content-security-policy": POLICY,
      "content-type": type,
    },
  });
}
