/**
 * `/`: the console, a page to connect, send, look and measure with; and below
 * `/console/` what it is made of.
 *
 * @module
 */

// @ts-types="../../lib/std/http_etag.d.ts"
import { eTag, ifNoneMatch } from "@std/http/etag";
// @ts-types="../../lib/std/http_negotiation.d.ts"
import { accepts } from "@std/http/negotiation";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";
import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import type {
  HttpHandler,
  HttpInfo,
  Routes,
} from "../../lib/routing/router.ts";
import { addresses, CONSOLE_PATH, FIGURES_PATH } from "./addresses.ts";
import { ASSETS } from "./assets.ts";
import { consoleConfig, type ConsoleContext } from "./config.ts";
import { consoleFigures } from "./figures.ts";
import { acceptsGzip, gzip } from "./gzip.ts";

const PAGE = "index.html";

/**
 * The page runs nothing but this server's own files. It may connect anywhere,
 * because asking any server is what it is for.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self' ws: wss: http: https:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE_HEADERS = {
  "content-security-policy": POLICY,
  // Isolated from other pages, a page's clock has steps of 5 µs, not of 100.
  // It lets the page ask a server of any origin whether it answers, without cookies.
  "cross-origin-embedder-policy": "credentialless",
  "cross-origin-opener-policy": "same-origin",
  "vary": "accept",
};

/**
 * Makes the console's routes.
 *
 * @param context what they tell of the service
 */
export function consoleRoutes(context: ConsoleContext): Routes {
  const list = addresses(context.routes, context.listeners);
  const page = serve(PAGE, PAGE_HEADERS);
  const startedAt = Date.now();
  return {
    "/": {
      GET: (request, info) =>
        accepts(boundedFields(request), "text/plain", "text/html") ===
            "text/html"
          ? page(request, info)
          : list(request, info),
    },
    [`${CONSOLE_PATH}config.json`]: { GET: consoleConfig(context, startedAt) },
    [FIGURES_PATH]: { GET: consoleFigures(context, startedAt) },
    [`${CONSOLE_PATH}addresses.txt`]: { GET: list },
    [`${CONSOLE_PATH}*`]: { GET: asset },
  };
}

/** A file of the page by its name. */
function asset(request: Request, info: HttpInfo): Response | Promise<Response> {
  return FILES.get(info.params["*"] ?? "")?.(request, info) ??
    httpErrorResponse(request, {
      status: 404,
      message: "The console has no such file.",
    });
}

const FILES: ReadonlyMap<string, HttpHandler> = new Map(
  ASSETS.keys().filter((name) => name !== PAGE).map((name) => [
    name,
    serve(name),
  ]),
);

/** Serves a file, which a browser keeps and asks for again only by its tag. */
function serve(
  name: string,
  extra: Readonly<Record<string, string>> = {},
): HttpHandler {
  const { type, text } = ASSETS.get(name)!;
  // Made once, at the first request: a service without visitors needs none.
  let ready:
    | Promise<readonly [tag: string, zipped: Uint8Array<ArrayBuffer>]>
    | undefined;
  return async (request) => {
    const [etag, zipped] = await (ready ??= Promise.all([
      eTag(text, { weak: true }),
      gzip(text),
    ]));
    const headers = new Headers({
      ...extra,
      "cache-control": "no-cache",
      "content-type": type,
      etag,
    });
    headers.append("vary", "accept-encoding");
    const tags = boundedFields(request).headers.get("if-none-match");
    if (!ifNoneMatch(tags, etag)) {
      return new Response(null, { status: 304, headers });
    }
    if (!acceptsGzip(request)) return new Response(text, { headers });
    headers.set("content-encoding", "gzip");
    return new Response(zipped, { headers });
  };
}
