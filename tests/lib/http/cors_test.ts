import { assertEquals, assertFalse } from "@std/assert";
import { guardRoutes, shareRoutes } from "../../../lib/http/cors.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import {
  type HttpRoute,
  Router,
  type Routes,
} from "../../../lib/routing/router.ts";
import { answerOf, HTTP_INFO } from "../../handlers/fakes.ts";

const LISTED = "https://app.example";
const OTHER = "https://evil.example";
const ORIGINS: ReadonlySet<string> = new Set([LISTED]);

const ROUTE: HttpRoute = {
  GET: () => new Response("got", { headers: { vary: "accept" } }),
  POST: () => new Response("posted"),
};

const ANY: HttpRoute = { "*": (request) => new Response(request.method) };

/** Sends a request through a router. */
async function ask(
  routes: Routes,
  method: string,
  headers: Record<string, string> = {},
  path = "/route",
): Promise<Response> {
  const match = new Router(routes).match(method, path);
  if (match.kind !== "http") throw new Error(`no handler for ${method}`);
  const request = new Request(`http://localhost${path}`, { method, headers });
  const info = { ...HTTP_INFO, params: match.params };
  return await answerOf(match.handler, request, info);
}

/** The fields of CORS in a response. */
function cors({ headers }: Response) {
  return Object.fromEntries(
    [...headers].filter(([name]) =>
      name.startsWith("access-control-") || name === "vary"
    ),
  );
}

const preflightOf = (origin: string, more: Record<string, string> = {}) => ({
  origin,
  "access-control-request-method": "POST",
  ...more,
});

Deno.test("shareRoutes() allows any origin if all are allowed", async () => {
  const routes = shareRoutes({ "/route": ROUTE }, undefined);
  assertEquals(cors(await ask(routes, "GET", { origin: OTHER })), {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "*",
    "vary": "accept",
  });
});

Deno.test("shareRoutes() returns the origin of a listed page", async () => {
  const routes = shareRoutes({ "/route": ROUTE }, ORIGINS);
  const response = await ask(routes, "GET", { origin: LISTED });
  assertEquals(await response.text(), "got");
  assertEquals(cors(response), {
    "access-control-allow-origin": LISTED,
    "access-control-expose-headers": "*",
    "vary": "accept, origin",
  });
});

for (const origin of [OTHER, "null", "https://app.example.evil.example"]) {
  Deno.test(`shareRoutes() does not allow ${origin}`, async () => {
    const routes = shareRoutes({ "/route": ROUTE }, ORIGINS);
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const response = await ask(routes, method, preflightOf(origin));
      assertFalse(response.headers.has("access-control-allow-origin"), method);
      assertEquals(response.headers.get("vary")?.includes("origin"), true);
    }
  });
}

Deno.test("shareRoutes() lets a listed page read a refusal", async () => {
  const refuse = () => {
    const headers = { allow: "GET" };
    throw new RefusedError({ status: 405, message: "No.", headers });
  };
  const routes = shareRoutes({ "/route": { GET: refuse } }, ORIGINS);
  const response = await ask(routes, "GET", { origin: LISTED });
  assertEquals([response.status, await response.text()], [405, "No.\n"]);
  assertEquals(response.headers.get("allow"), "GET");
  assertEquals(cors(response), {
    "access-control-allow-origin": LISTED,
    "access-control-expose-headers": "*",
    "vary": "origin",
  });
});

Deno.test("shareRoutes() sends Vary for a request without Origin", async () => {
  const routes = shareRoutes({ "/route": ROUTE }, ORIGINS);
  assertEquals(cors(await ask(routes, "POST")), { vary: "origin" });
});

Deno.test("shareRoutes() answers a preflight", async () => {
  const routes = shareRoutes({ "/route": ROUTE }, ORIGINS);
  const asked = preflightOf(LISTED, {
    "access-control-request-headers": "x-one, authorization",
  });
  const response = await ask(routes, "OPTIONS", asked);
  assertEquals(response.status, 204);
  assertEquals(cors(response), {
    "access-control-allow-headers": "x-one, authorization",
    "access-control-allow-methods": "GET, POST, HEAD",
    "access-control-allow-origin": LISTED,
    "access-control-expose-headers": "*",
    "access-control-max-age": "600",
    "vary":
      "access-control-request-method, access-control-request-headers, origin",
  });
});

Deno.test("shareRoutes() allows any method of a `*` route in a preflight", async () => {
  const routes = shareRoutes({ "/route": ANY }, undefined);
  const asked = {
    ...preflightOf(OTHER),
    "access-control-request-method": "BREW",
  };
  const response = await ask(routes, "OPTIONS", asked);
  assertEquals(response.headers.get("access-control-allow-methods"), "BREW");
  assertEquals(await (await ask(routes, "OPTIONS")).text(), "OPTIONS");
});

Deno.test("shareRoutes() does not return a malformed list of names", async () => {
  const routes = shareRoutes({ "/route": ANY }, undefined);
  const response = await ask(routes, "OPTIONS", {
    "origin": OTHER,
    "access-control-request-method": "a b",
    "access-control-request-headers": "x: y",
  });
  assertEquals(cors(response), {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "*",
    "access-control-max-age": "600",
    "vary": "access-control-request-method, access-control-request-headers",
  });
});

Deno.test("shareRoutes() never allows credentials", async () => {
  for (const origins of [undefined, ORIGINS]) {
    const routes = shareRoutes({ "/route": ROUTE }, origins);
    for (const method of ["GET", "OPTIONS"]) {
      const response = await ask(routes, method, preflightOf(LISTED));
      assertFalse(response.headers.has("access-control-allow-credentials"));
    }
  }
});

for (const origins of [undefined, ORIGINS]) {
  const allowed = origins === undefined ? "any origin" : "a few origins";
  Deno.test(`guardRoutes() refuses unlisted pages when ${allowed} are allowed elsewhere`, async () => {
    const routes = guardRoutes({ "/route": ROUTE }, origins);
    for (const method of ["GET", "POST", "OPTIONS"]) {
      for (const origin of [OTHER, "http://localhost", "null"]) {
        const response = await ask(routes, method, preflightOf(origin));
        assertEquals(response.status, 403, `${method} ${origin}`);
        assertEquals(cors(response), { vary: "origin" });
      }
    }
  });
}

Deno.test("guardRoutes() accepts programs and listed pages", async () => {
  const routes = guardRoutes({ "/route": ROUTE }, ORIGINS);
  assertEquals(await (await ask(routes, "POST")).text(), "posted");
  const response = await ask(routes, "POST", { origin: LISTED });
  assertEquals(await response.text(), "posted");
  assertEquals(
    response.headers.get("access-control-allow-origin"),
    LISTED,
  );
  const preflight = await ask(routes, "OPTIONS", preflightOf(LISTED));
  assertEquals(preflight.status, 204);
});

Deno.test("guardRoutes() accepts programs only when no origin is listed", async () => {
  const routes = guardRoutes({ "/route": ROUTE }, undefined);
  assertEquals(await (await ask(routes, "GET")).text(), "got");
  assertEquals((await ask(routes, "GET", { origin: LISTED })).status, 403);
});
