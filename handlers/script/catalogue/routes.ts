/**
 * `/faults`: the catalogue of steps and named plans.
 *
 * @module
 */

import { accepts } from "@std/http/negotiation";
import { boundedFields } from "../../../lib/protocol/bounded_fields.ts";
import type { HttpHandler, Routes } from "../../../lib/routing/router.ts";
import type { ListenerName } from "../../../lib/websocket.ts";
import { MAX_STEPS } from "../notation/parse_plan.ts";
import { cataloguePage } from "./page.ts";
import { hasSeveralThreads } from "../../http/one_thread.ts";
import type { ServiceInfo } from "./service_info.ts";
import {
  type CatalogueRow,
  exampleUrlOf,
  FAULT_ROWS,
  STEP_ROWS,
} from "./rows.ts";
import { STYLE } from "./style.ts";
import { SUITES } from "../suites/table.ts";
import { situationNeedsOneThread, situationUrlOf } from "./suites.ts";

/** Path of the catalogue. */
const CATALOGUE_PATH = "/faults";

const STYLE_PATH = `${CATALOGUE_PATH}/style.css`;

/** The page has no script, and loads styles of this server only. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Makes the routes of the catalogue.
 *
 * @param listeners returns the running listeners
 * @param workers number of threads; 1 by default
 */
export function catalogueRoutes(
  listeners: () => readonly {
    readonly name: ListenerName;
    readonly port: number;
  }[],
  workers?: number,
): Routes {
  const catalogue: HttpHandler = (request) => {
    const service: ServiceInfo = {
      bases: basesOf(new URL(request.url), listeners()),
      hasSeveralThreads: hasSeveralThreads(workers),
    };
    const type = accepts(
      boundedFields(request),
      "application/json",
      "text/html",
    );
    return type === "text/html" ? page(service) : json(service);
  };
  const style: HttpHandler = () =>
    new Response(STYLE, {
      headers: {
        "cache-control": "no-cache",
        "content-type": "text/css; charset=utf-8",
      },
    });
  return { [CATALOGUE_PATH]: { GET: catalogue }, [STYLE_PATH]: { GET: style } };
}

function page(service: ServiceInfo): Response {
  return new Response(cataloguePage(service, STYLE_PATH), {
    headers: {
      "cache-control": "no-cache",
      "content-security-policy": POLICY,
      "content-type": "text/html; charset=utf-8",
      "vary": "accept",
    },
  });
}

function json(service: ServiceInfo): Response {
  const withUrl = <Row extends CatalogueRow>(row: Row) => ({
    ...row,
    url: exampleUrlOf(row, service) ?? null,
  });
  return Response.json({
    maxSteps: MAX_STEPS,
    faults: FAULT_ROWS.map(withUrl),
    steps: STEP_ROWS.map(withUrl),
    suites: SUITES.map(({ rows, ...suite }) => ({
      ...suite,
      rows: rows.map((row) => ({
        ...row,
        needsOneThread: situationNeedsOneThread(row),
        url: situationUrlOf(row, service) ?? null,
      })),
    })),
  }, { headers: { "cache-control": "no-cache", "vary": "accept" } });
}

/** The page comes from the edge listener, perhaps behind a proxy with another port. */
function basesOf(
  { protocol, host, hostname }: URL,
  listeners: readonly { readonly name: ListenerName; readonly port: number }[],
): ServiceInfo["bases"] {
  const scheme = protocol === "https:" ? "wss:" : "ws:";
  return Object.fromEntries(
    listeners.map(({ name, port }) => [
      name,
      `${scheme}//${name === "edge" ? host : `${hostname}:${port}`}`,
    ]),
  );
}
