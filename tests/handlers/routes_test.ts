import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROUTE_DESCRIPTIONS } from "../../handlers/console/route_descriptions.ts";
import { control } from "../../handlers/control.ts";
import { echo } from "../../handlers/echo/echo.ts";
import { echoPartial } from "../../handlers/echo/echo_partial.ts";
import { frames } from "../../handlers/frames/frames.ts";
import { type RouteContext, routes } from "../../handlers/routes.ts";
import { PathPattern } from "../../lib/routing/path_pattern.ts";
import {
  type AnyWebSocketHandler,
  type HttpRoute,
  isWebSocketRoute,
  type MixedRoute,
  Router,
  servesHttp,
} from "../../lib/routing/router.ts";
import { routeContext } from "../route_context.ts";
import { answerOf, HANDSHAKE_INFO } from "./fakes.ts";

const CONTEXT = routeContext();

function httpRoute(path: string, context: RouteContext): HttpRoute {
  const route = routes(context)[path];
  if (route === undefined || !servesHttp(route)) {
    throw new Error(`${path} is not an HTTP route`);
  }
  return route as HttpRoute;
}

async function get(path: string, context: RouteContext): Promise<Response> {
  const request = new Request(`http://localhost:8000${path}`);
  return await answerOf(httpRoute(path, context).GET!, request);
}

Deno.test("routes() has every path in the order of the log", () => {
  assertEquals(Object.keys(routes(CONTEXT)), [
    "/ws",
    "/ws_partial",
    "/auth",
    "/control",
    "/frames",
    "/do/*",
    "/fault/:name",
    "/faults",
    "/faults/style.css",
    "/http",
    "/http/*",
    "/sse",
    "/metrics",
    "/livez",
    "/readyz",
    "/healthz",
    "/getCaseCount",
    "/getCaseInfo",
    "/getCaseStatus",
    "/runCase",
    "/updateReports",
    "/conformance",
    "/conformance/*",
    "/info",
    "/echo",
    "/echo/*",
    "/channel",
    "/channel/:name",
    "/stash",
    "/stash/:key",
    "/journal/:name",
    "/",
    "/console/config.json",
    "/console/figures.json",
    "/console/addresses.txt",
    "/console/*",
  ]);
});

Deno.test("routes() has paths that Router accepts", () => {
  const map = routes(CONTEXT);
  assertEquals([...new Router(map).routes], Object.entries(map));
});

for (
  const [path, handler] of [
    ["/ws_partial", echoPartial],
    ["/control", control],
    ["/frames", frames],
  ] as const
) {
  Deno.test(`routes() maps ${path} to its handler`, () => {
    const { handshake, checkQuery, ...rest } = routes(
      CONTEXT,
    )[path] as AnyWebSocketHandler;
    assert(handshake);
    assert(checkQuery);
    const { handshake: own, checkQuery: _, ...expected } =
      handler as AnyWebSocketHandler;
    const asked = own === undefined && { handshakes: "query" };
    assertEquals(rest, { ...expected, ...asked });
  });
}

Deno.test("routes() maps /ws to the echo with behaviour on request", () => {
  const { handshake, checkQuery, ...handler } = routes(
    CONTEXT,
  )["/ws"] as AnyWebSocketHandler;
  assert(handshake);
  assert(checkQuery);
  assertEquals(handler, { ...echo, handshakes: "query" });
});

Deno.test("routes() maps / to the same echo, and GET to the console", () => {
  const map = routes(CONTEXT);
  const { GET, ...handler } = map["/"] as MixedRoute;
  assert(GET);
  const ws: Record<string, unknown> = { ...map["/ws"] };
  assertEquals(Object.keys(handler), Object.keys(ws));
  for (const [name, value] of Object.entries(handler)) {
    const isAdded = name === "handshake" || name === "checkQuery";
    assert(isAdded || ws[name] === value, name);
  }
});

Deno.test("routes() answers only GET at /healthz", () => {
  assertEquals(Object.keys(httpRoute("/healthz", CONTEXT)), ["GET"]);
});

for (const [token, status] of [["right", undefined], ["valid", 401]] as const) {
  Deno.test(`routes() checks AUTH_TOKEN at /auth for the token "${token}"`, async () => {
    const map = routes({ ...CONTEXT, authToken: "right" });
    const auth = map["/auth"] as AnyWebSocketHandler;
    const request = new Request(`http://localhost:8000/auth?token=${token}`);
    const result = await auth.handshake!(request, HANDSHAKE_INFO);
    assertEquals((result as Response | undefined)?.status, status);
  });
}

for (const [draining, status] of [[false, 200], [true, 503]] as const) {
  for (const path of ["/healthz", "/readyz"]) {
    Deno.test(`routes() answers ${status} at ${path} when draining is ${draining}`, async () => {
      const context = { ...CONTEXT, isDraining: () => draining };
      assertEquals((await get(path, context)).status, status);
    });
  }

  Deno.test(`routes() answers 200 at /livez when draining is ${draining}`, async () => {
    const context = { ...CONTEXT, isDraining: () => draining };
    assertEquals((await get("/livez", context)).status, 200);
  });
}

Deno.test("routes() lists every route at /", async () => {
  const context: RouteContext = {
    ...CONTEXT,
    listeners: () => [{ name: "edge", port: 8000 }],
  };
  const text = await (await get("/", context)).text();
  const sockets = ["/ws", "/ws_partial", "/auth", "/control", "/frames", "/"];
  for (const path of sockets) {
    assertStringIncludes(text, `  ws://localhost:8000${path}\n`);
  }
  for (const path of ["/healthz", "/"]) {
    assertStringIncludes(text, `  http://localhost:8000${path}\n`);
  }
});

Deno.test("routes() has no plans and no query of /ws without misbehaviour", () => {
  const map = routes({ ...CONTEXT, misbehaviour: false });
  const paths = Object.keys(map);
  assertEquals(
    paths.filter((path) => /^.(do|fault|journal|channel|stash)/.test(path)),
    [],
  );
  assert(map["/ws"] === echo);
});

Deno.test("routes() has exactly the WebSocket routes that the console describes, but for patterns", () => {
  const map = routes(CONTEXT);
  const paths = Object.keys(map).filter((path) =>
    isWebSocketRoute(map[path]!) && !PathPattern.isPattern(path)
  );
  assertEquals(Object.keys(ROUTE_DESCRIPTIONS).sort(), paths.sort());
});
