import { assertEquals } from "@std/assert";
import { sessionRoutes } from "../../handlers/sessions/routes.ts";
import readme from "../../lib/sessions/README.md" with { type: "text" };

Deno.test("lib/sessions/README.md has every route of the admin API", () => {
  const context = { guard: () => () => {}, maxPayload: 1 };
  const routes = sessionRoutes(
    context as unknown as Parameters<typeof sessionRoutes>[0],
  );
  const requests = Object.entries(routes).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) =>
      `${method} ${path.replace(":id", "{id}")}`
    )
  );
  const rows = [...readme.matchAll(/^\| `([A-Z]+ \/[^`]*)` +\|/gm)]
    .map(([, request]) => request);
  assertEquals(rows.toSorted(), requests.toSorted());
});
