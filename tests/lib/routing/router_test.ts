import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  DuplicateRouteError,
  RouteError,
  UnknownRouteError,
} from "../../../lib/routing/error.ts";
import type { HttpError } from "../../../lib/protocol/http_error.ts";
import {
  allowedMethods,
  type HttpHandler,
  isWebSocketRoute,
  type Match,
  Router,
  type Routes,
  servesHttp,
} from "../../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../../lib/websocket.ts";
import { LogCapture } from "../../handlers/fakes.ts";

const socket: WebSocketHandler = { frame() {} };
const get: HttpHandler = () => new Response("get");
const put: HttpHandler = () => new Response("put");
const head: HttpHandler = () => new Response();

const ROUTES: Routes = {
  "/ws": socket,
  "/page": { GET: get, PUT: put },
  "/write": { PUT: put },
  "/own": { GET: get, HEAD: head },
  "/": { GET: get },
};

function match(method: string, path: string): Match {
  return new Router(ROUTES).match(method, path);
}

function refusal(method: string, path: string): HttpError {
  const found = match(method, path);
  if (found.kind !== "refused") throw new Error(`${method} ${path} matched`);
  return found.error;
}

Deno.test("Router.match() finds the WebSocket handler of a GET", () => {
  assertEquals(match("GET", "/ws"), {
    kind: "websocket",
    path: "/ws",
    handler: socket,
    params: {},
  });
});

for (
  const [method, path, handler] of [
    ["GET", "/page", get],
    ["PUT", "/page", put],
    ["GET", "/", get],
  ] as const
) {
  Deno.test(`Router.match() finds the HTTP handler of ${method} ${path}`, () => {
    assertEquals(match(method, path), {
      kind: "http",
      path,
      handler,
      params: {},
    });
  });
}

Deno.test("Router.match() returns the GET handler for HEAD", () => {
  assertEquals(match("HEAD", "/page"), {
    kind: "http",
    path: "/page",
    handler: get,
    params: {},
  });
});

Deno.test("Router.match() prefers the HEAD handler for HEAD", () => {
  assertEquals(match("HEAD", "/own"), {
    kind: "http",
    path: "/own",
    handler: head,
    params: {},
  });
});

for (
  const path of [
    "/none",
    "",
    "/ws/",
    "/WS",
    "/w",
    "/ws/more",
    "//ws",
    "/%77s",
    "constructor",
    "__proto__",
  ]
) {
  Deno.test(`Router.match() refuses path "${path}" with 404`, () => {
    assertEquals(refusal("GET", path).status, 404);
  });
}

Deno.test("Router.match() names GET / in a 404 only where it answers", () => {
  const messageOf = (routes: Routes) => {
    const found = new Router(routes).match("GET", "/nowhere");
    return found.kind === "refused" ? found.error.message : found.kind;
  };
  assertEquals(
    messageOf({ "/": { GET: get } }),
    "There is nothing at this path; try GET /.",
  );
  for (const routes of [{}, { "/": socket }, { "/": { PUT: put } }]) {
    assertEquals(messageOf(routes), "There is nothing at this path.");
  }
});

for (const method of ["POST", "HEAD", "PUT", "OPTIONS", "get"]) {
  Deno.test(`Router.match() refuses ${method} of a WebSocket route with 405 and Allow`, () => {
    const error = refusal(method, "/ws");
    assertEquals(error.status, 405);
    assertEquals(error.headers, { allow: "GET" });
  });
}

for (
  const [method, path, allow] of [
    ["POST", "/page", "GET, PUT, HEAD"],
    ["get", "/page", "GET, PUT, HEAD"],
    ["HEAD", "/write", "PUT"],
    ["DELETE", "/", "GET, HEAD"],
  ] as const
) {
  Deno.test(`Router.match() refuses ${method} ${path} with 405 and Allow: ${allow}`, () => {
    const error = refusal(method, path);
    assertEquals(error.status, 405);
    assertEquals(error.headers, { allow });
    assertMatch(error.message, new RegExp(allow));
  });
}

for (const method of ["constructor", "toString", "valueOf", "__proto__"]) {
  Deno.test(`Router.match() refuses the method ${method} with 405`, () => {
    assertEquals(refusal(method, "/page").status, 405);
  });
}

/** A WebSocket route with HTTP methods. */
const MIXED: Routes = {
  "/both": { ...socket, GET: get, PUT: put },
  "/write": { ...socket, PUT: put },
  "/any": { ...socket, "*": put },
};

for (
  const [method, path, isUpgrade, expected] of [
    ["GET", "/both", true, "the WebSocket"],
    ["GET", "/both", false, get],
    ["HEAD", "/both", false, get],
    ["HEAD", "/both", true, get],
    ["PUT", "/both", false, put],
    ["PUT", "/both", true, put],
    ["POST", "/both", false, "GET, PUT, HEAD"],
    ["GET", "/write", true, "the WebSocket"],
    ["GET", "/write", false, "the WebSocket"],
    ["PUT", "/write", false, put],
    ["POST", "/write", true, "GET, PUT"],
    ["GET", "/any", true, "the WebSocket"],
    ["GET", "/any", false, put],
    ["POST", "/any", false, put],
    ["frame", "/both", false, "GET, PUT, HEAD"],
    ["subprotocols", "/both", false, "GET, PUT, HEAD"],
    ["constructor", "/both", false, "GET, PUT, HEAD"],
  ] as const
) {
  const title = isUpgrade ? " with an upgrade" : "";
  Deno.test(`Router.match() of a mixed route: ${method} ${path}${title}`, () => {
    const found = new Router(MIXED).match(method, path, isUpgrade);
    if (expected === "the WebSocket") {
      const handler = MIXED[path] as WebSocketHandler;
      assertEquals(found, {
        kind: "websocket",
        path,
        handler,
        params: {},
      });
    } else if (typeof expected === "string") {
      const error = found.kind === "refused" ? found.error : undefined;
      assertEquals(error?.status, 405);
      assertEquals(error?.headers, { allow: expected });
    } else {
      assert(found.kind === "http" && found.handler === expected);
    }
  });
}

Deno.test("servesHttp() is true for a route with an HTTP method", () => {
  assertEquals(servesHttp(socket), false);
  assertEquals(servesHttp({ GET: get }), true);
  for (const route of Object.values(MIXED)) assert(servesHttp(route));
});

Deno.test("Routes gives the parameters of inline handlers their types", () => {
  const map: Routes = {
    "/ws": {
      handshake: (_request, info) => ({ state: info.params }),
      open: (connection) => connection.send("open"),
      frame: (connection, frame) => connection.send(frame),
      close: (connection, event) => void [connection.id, event.code],
    },
    "/page": { GET: (_request, info) => new Response(info.listener) },
    "/both": {
      frame: (connection, frame) => connection.send(frame),
      GET: (_request, info) => new Response(info.listener),
    },
  };
  assertEquals(Object.keys(map).length, 3);
});

Deno.test("Router.routes has all routes in the order of registration", () => {
  assertEquals(
    [...new Router(ROUTES).routes],
    Object.entries(ROUTES),
  );
});

for (const path of ["ws", "", "*", " /ws"]) {
  Deno.test(`Router throws for the path "${path}"`, () => {
    assertThrows(
      () => new Router({ [path]: socket }),
      TypeError,
      `route "${path}" does not begin with "/"`,
    );
  });
}

Deno.test("Router ignores later changes of its map", () => {
  const map: Record<string, WebSocketHandler> = { "/ws": socket };
  const router = new Router(map);
  map["/late"] = socket;
  assertEquals(router.match("GET", "/late").kind, "refused");
});

Deno.test("Router.log() writes one DEBUG line per route", () => {
  using log = new LogCapture("DEBUG");
  new Router({ "/ws": socket, "/": { GET: get } }).log();
  assertEquals(log.lines, [
    "DEBUG httpd_uri: httpd_register_uri_handler: [0] installed /ws",
    "DEBUG httpd_uri: httpd_register_uri_handler: [1] installed /",
  ]);
});

Deno.test("isWebSocketRoute() is true for WebSocket handlers only", () => {
  assertEquals(isWebSocketRoute(socket), true);
  assertEquals(isWebSocketRoute({ GET: get }), false);
  assertEquals(isWebSocketRoute({}), false);
});

Deno.test("allowedMethods() adds HEAD to GET", () => {
  assertEquals(allowedMethods({ GET: get, POST: put }), "GET, POST, HEAD");
  assertEquals(allowedMethods({ POST: put }), "POST");
});

Deno.test("allowedMethods() lists a HEAD handler once", () =>
  assertEquals(allowedMethods({ GET: get, HEAD: head }), "GET, HEAD"));

const byMethod: HttpHandler = () => new Response("by method");
const anyMethod: HttpHandler = () => new Response("any method");

const PATTERNS: Routes = {
  "/things": { GET: get },
  "/things/first": { GET: head },
  "/things/:id": { GET: get, DELETE: put },
  "/things/:id/parts/:part": { POST: byMethod },
  "/any/*": { POST: byMethod, "*": anyMethod },
};

for (
  const [method, path, key, handler, params] of [
    ["GET", "/things/7", "/things/:id", get, { id: "7" }],
    ["HEAD", "/things/7", "/things/:id", get, { id: "7" }],
    ["DELETE", "/things/a%20b", "/things/:id", put, { id: "a b" }],
    ["GET", "/things/first", "/things/first", head, {}],
    ["POST", "/things/a/parts/b", "/things/:id/parts/:part", byMethod, {
      id: "a",
      part: "b",
    }],
    ["GET", "/any/", "/any/*", anyMethod, { "*": "" }],
    ["HEAD", "/any/x", "/any/*", anyMethod, { "*": "x" }],
    ["POST", "/any/x/y%2f", "/any/*", byMethod, { "*": "x/y%2f" }],
    ["constructor", "/any/x", "/any/*", anyMethod, { "*": "x" }],
  ] as const
) {
  Deno.test(`Router.match() finds ${method} ${path} by a pattern`, () => {
    assertEquals(new Router(PATTERNS).match(method, path), {
      kind: "http",
      path: key,
      handler,
      params,
    });
  });
}

for (
  const [method, path, status] of [
    ["GET", "/things/", 404],
    ["GET", "/things/7/", 404],
    ["GET", "/things/%ff", 404],
    ["GET", "/things/7/parts", 404],
    ["GET", "/any", 404],
    ["PUT", "/things/7", 405],
  ] as const
) {
  Deno.test(`Router.match() refuses ${method} ${path} with ${status}`, () => {
    const found = new Router(PATTERNS).match(method, path);
    assertEquals(found.kind === "refused" && found.error.status, status);
  });
}

const ROOMS: Routes = {
  "/rooms/*": socket,
  "/rooms/:name": { ...socket, GET: get, POST: put },
  "/rooms/lobby": socket,
};

for (
  const [path, key, params] of [
    ["/rooms/lobby", "/rooms/lobby", {}],
    ["/rooms/a%20b", "/rooms/:name", { name: "a b" }],
    ["/rooms/a/b", "/rooms/*", { "*": "a/b" }],
    ["/rooms/", "/rooms/*", { "*": "" }],
  ] as const
) {
  Deno.test(`Router.match() finds the WebSocket of ${path} by ${key}`, () => {
    assertEquals(new Router(ROOMS).match("GET", path, true), {
      kind: "websocket",
      path: key,
      handler: ROOMS[key] as WebSocketHandler,
      params,
    });
  });
}

for (
  const [method, path, expected] of [
    ["GET", "/rooms/a", get],
    ["HEAD", "/rooms/a", get],
    ["POST", "/rooms/a", put],
    ["PUT", "/rooms/a", "405 GET, POST, HEAD"],
    ["POST", "/rooms/lobby", "405 GET"],
    ["POST", "/rooms/a/b", "405 GET"],
  ] as const
) {
  Deno.test(`Router.match() of a mixed pattern: ${method} ${path}`, () => {
    const found = new Router(ROOMS).match(method, path);
    if (found.kind === "refused") {
      const { status, headers } = found.error;
      assertEquals(`${status} ${headers?.allow}`, expected);
    } else {
      assert(found.kind === "http" && found.handler === expected);
      assertEquals(found.params, { name: "a" });
    }
  });
}

Deno.test("Router.match() gives a GET without an upgrade the WebSocket's parameters", () => {
  const found = new Router(ROOMS).match("GET", "/rooms/a/b");
  assertEquals(found.kind === "websocket" && found.params, { "*": "a/b" });
});

/** Every path matches more than one of the patterns. */
const PRECEDENCE = ["/*", "/:a/*", "/:a/:b", "/:a/b", "/a/*", "/a/:b", "/a/b"];

for (
  const [path, pattern] of [
    ["/a/b", "/a/b"],
    ["/a/c", "/a/:b"],
    ["/c/b", "/:a/b"],
    ["/c/d", "/:a/:b"],
    ["/a/b/c", "/a/*"],
    ["/c/d/e", "/:a/*"],
    ["/c", "/*"],
  ] as const
) {
  for (const paths of [PRECEDENCE, PRECEDENCE.toReversed()]) {
    Deno.test(`Router.match() prefers ${pattern} for ${path} among ${paths}`, () => {
      const routes = Object.fromEntries(paths.map((key) => [key, socket]));
      const found = new Router(routes).match("GET", path, true);
      assertEquals(found.kind === "websocket" && found.path, pattern);
    });
  }
}

Deno.test("Router.match() prefers the first of two patterns with other names", () => {
  const router = new Router({ "/:one": socket, "/:other": socket });
  const found = router.match("GET", "/x", true);
  assertEquals(found.kind === "websocket" && found.params, { one: "x" });
});

Deno.test("Router.add() adds a route, also a pattern, after the others", () => {
  const router = new Router(ROUTES);
  router.add("/later", socket);
  router.add("/files/*", { GET: get });
  assertEquals(router.match("GET", "/later").kind, "websocket");
  assertEquals(router.match("GET", "/files/a/b").kind, "http");
  assertEquals([...router.routes.keys()].slice(-2), ["/later", "/files/*"]);
});

Deno.test("Router.add() refuses a path that has a route, and paths that are not valid", () => {
  const router = new Router(ROUTES);
  const duplicate = assertThrows(
    () => router.add("/ws", { GET: get }),
    DuplicateRouteError,
  );
  assertEquals(duplicate.path, "/ws");
  assertThrows(() => router.add("ws", socket), RouteError);
  assertEquals(router.match("GET", "/ws").kind, "websocket");
});

Deno.test("Router.remove() removes a route, also a pattern", () => {
  const router = new Router({ ...ROUTES, "/files/*": { GET: get } });
  router.remove("/ws");
  router.remove("/files/*");
  assertEquals(router.match("GET", "/ws").kind, "refused");
  assertEquals(router.match("GET", "/files/a").kind, "refused");
  router.add("/ws", { GET: get });
  assertEquals(router.match("GET", "/ws").kind, "http");
});

Deno.test("Router.remove() refuses a path that has no route", () => {
  const { path } = assertThrows(
    () => new Router(ROUTES).remove("/none"),
    UnknownRouteError,
  );
  assertEquals(path, "/none");
});
