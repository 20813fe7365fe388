import { assertEquals } from "@std/assert";
import { routes } from "../../handlers/routes.ts";
import {
  isWebSocketRoute,
  type Route,
  servesHttp,
} from "../../lib/routing/router.ts";
import type { RemoteSessions } from "../../lib/sessions/remote_sessions.ts";
import { testWith } from "../permissions.ts";
import { routeContext } from "../route_context.ts";
import { tableRows } from "./table_rows.ts";

/** The router map with the admin API. */
const MAP = routes(routeContext({
  admin: {
    token: "secret",
    sessions: {} as RemoteSessions,
    maxPayload: 1024,
    drain: { options: undefined, start: () => Promise.resolve() },
    drainTime: 0,
    trustProxy: 0,
  },
}));

const METHODS = ["GET", "POST", "PUT", "DELETE", "*"];

/** Formats the methods of a route; every route with CORS has OPTIONS in addition. */
function methodsOf(route: Route): string {
  const methods = servesHttp(route)
    ? METHODS.filter((method) => method in route)
    : [];
  if (isWebSocketRoute(route)) methods.unshift("WebSocket");
  return methods.join(", ").replace("*", "any");
}

testWith(
  { read: true },
  "handlers/README.md has a row for each route",
  async () => {
    const rows = await tableRows("handlers/README.md", "path");
    const documented = rows.map(([path, methods]) => `${path} ${methods}`);
    const actual = Object.entries(MAP).map(([path, route]) =>
      `\`${path}\` ${methodsOf(route)}`
    );
    assertEquals(documented.sort(), actual.sort());
  },
);

testWith(
  { read: true },
  "handlers/README.md names existing files",
  async () => {
    const rows = await tableRows("handlers/README.md", "path");
    const folder = new URL("../../handlers/", import.meta.url);
    for (const row of rows) {
      const file = row.at(-1)!.replaceAll("`", "");
      await Deno.stat(new URL(file, folder));
    }
  },
);

testWith(
  { read: true },
  "handlers/sessions/README.md has a row for each request of the admin API",
  async () => {
    const rows = await tableRows("handlers/sessions/README.md", "request");
    const actual = Object.entries(MAP)
      .filter(([path]) => /^\/(?:sessions|drain)/.test(path))
      .map(([path, route]) =>
        `\`${methodsOf(route)} ${path.replace(":id", "{id}")}\``
      );
    assertEquals(rows.map(([request]) => request).sort(), actual.sort());
  },
);
