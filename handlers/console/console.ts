/**
 * `/`: the console, a page that connects, sends, inspects and measures; and its
 * assets below `/console/`.
 *
 * @module
 */

import { eTag, ifNoneMatch } from "@std/http/etag";
import { accepts } from "@std/http/negotiation";
import { boundedFields } from "../../lib/protocol/bounded_fields.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
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
 * The page runs only scripts of this server. It may connect to any server, as it
 * is a client for any WebSocket URL.
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
  // Cross-origin isolation gives the page a clock with a resolution of 5 µs instead
  // of 100 µs. `credentialless` allows requests to any origin, without cookies.
  "cross-origin-embedder-policy": "credentialless",
  "cross-origin-opener-policy": "same-origin",
  "vary": "accept",
};

/**
 * Makes the routes of the console.
 *
 * @param context sources of the page's data
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

const NO_FILE = { status: 404, message: "The console has no such file." };

/** Responds with an asset by its path, or 404. */
function asset(request: Request, info: HttpInfo): Response | Promise<Response> {
  const file = FILES.get(info.params["*"] ?? "");
  if (file === undefined) throw new RefusedError(NO_FILE);
  return file(request, info);
}

const FILES: ReadonlyMap<string, HttpHandler> = new Map(
  ASSETS.keys().filter((path) => path !== PAGE).map((path) => [
    path,
    serve(path),
  ]),
);

/** Serves an asset with an entity tag; the browser revalidates it at each use. */
function serve(
  path: string,
  extra: Readonly<Record<string, string>> = {},
): HttpHandler {
  const { type, text } = ASSETS.get(path)!;
  // Tag and compressed text are made at the first request for the asset.
  let cached:
    | Promise<readonly [etag: string, compressed: Uint8Array<ArrayBuffer>]>
    | undefined;
  return async (request) => {
    const [etag, compressed] = await (cached ??= Promise.all([
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
    return new Response(compressed, { headers });
  };
}
