import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { catalogueRoutes } from "../../../../handlers/script/catalogue/routes.ts";
import { FAULTS } from "../../../../handlers/script/faults/table.ts";
import { parsePlan } from "../../../../handlers/script/notation/parse_plan.ts";
import { SUITES } from "../../../../handlers/script/suites/table.ts";
import { STEPS } from "../../../../handlers/script/steps/table.ts";
import type { HttpRoute } from "../../../../lib/routing/router.ts";
import { HTTP_INFO } from "../../fakes.ts";

const LISTENERS = [
  { name: "edge", port: 8000 },
  { name: "frame", port: 8001 },
] as const;

/** Requests a path of the catalogue. */
async function get(
  accept: string,
  path = "/faults",
  listeners: readonly typeof LISTENERS[number][] = LISTENERS,
  workers = 1,
): Promise<Response> {
  const route = catalogueRoutes(() => listeners, workers)[path] as HttpRoute;
  const request = new Request(`https://a.b:8443${path}`, {
    headers: { accept },
  });
  return await route.GET!(request, HTTP_INFO);
}

Deno.test("/faults is JSON by default and by Accept", async () => {
  for (const accept of ["*/*", "application/json"]) {
    const response = await get(accept);
    assertEquals(response.headers.get("content-type"), "application/json");
    assertEquals(response.headers.get("vary"), "accept");
    const { steps, faults } = await response.json();
    assertEquals(steps.length, STEPS.length);
    assertEquals(faults.length, FAULTS.size);
  }
});

Deno.test("/faults has an example for each row, on a listener that can run it", async () => {
  const { steps, faults } = await (await get("application/json")).json();
  for (const { url, path, needs } of [...steps, ...faults]) {
    const base = needs === "any" ? "wss://a.b:8443" : "wss://a.b:8001";
    assertEquals(url, base + path);
    const plan = path.startsWith("/do/")
      ? path.slice("/do/".length)
      : FAULTS.get(path.slice("/fault/".length))!.plan;
    parsePlan(plan, needs === "any" ? "edge" : "frame");
  }
});

Deno.test("/faults has the suites, with a URL of the frame listener for each path", async () => {
  const { suites } = await (await get("application/json")).json();
  assertEquals(suites.length, SUITES.length);
  for (const { rows } of suites) {
    for (const { path, url } of rows) {
      assertEquals(url, path === "" ? null : `wss://a.b:8001${path}`);
    }
  }
  const edgeOnly = await get("application/json", "/faults", [LISTENERS[0]]);
  const [{ rows: [row] }] = (await edgeOnly.json()).suites;
  assertEquals(row.url, null);
});

Deno.test("/faults shows the suites on its page", async () => {
  const page = await (await get("text/html")).text();
  for (const { name, sources, rows } of SUITES) {
    assertStringIncludes(page, `<h3><a href="${sources}">${name}</a></h3>`);
    assertStringIncludes(page, rows[0]!.sentence);
  }
});

Deno.test("/faults says what a correct client does in each row", async () => {
  const { steps, faults } = await (await get("application/json")).json();
  for (const row of [...steps, ...faults]) {
    for (const text of [row.sentence, row.client]) {
      assert(/^[A-Z].*\.$/s.test(text), `${row.name}: ${text}`);
    }
    assert(
      /^((RFC \d+ )?§[\d.]+(, |$))*$/.test(row.section),
      `${row.name}: ${row.section}`,
    );
    assert(Array.isArray(row.suites));
  }
});

Deno.test("/faults without the frame listener has no URL for what needs it", async () => {
  const response = await get("application/json", "/faults", [LISTENERS[0]]);
  const { faults } = await response.json();
  for (const { url, needs } of faults) {
    assertEquals(url === null, needs !== "any");
  }
  const page = await (await get("text/html", "/faults", [LISTENERS[0]])).text();
  assertStringIncludes(page, "masked-frame</code> (needs the frame listener)");
});

Deno.test("/faults marks what needs one thread, and has no URL for it with several", async () => {
  const one = await (await get("application/json")).json();
  const shared = await get("application/json", "/faults", LISTENERS, 2);
  const several = await shared.json();
  const rowsOf = ({ steps, faults, suites }: typeof one) => [
    ...steps,
    ...faults,
    ...suites.flatMap(({ rows }: typeof one) => rows),
  ];
  const rows = rowsOf(several);
  assertEquals(rows.length, rowsOf(one).length);
  for (const [i, { url, needsOneThread, ...row }] of rowsOf(one).entries()) {
    assertEquals(rows[i], {
      ...row,
      needsOneThread,
      url: needsOneThread ? null : url,
    });
  }
  assertEquals(
    rows.filter(({ needsOneThread }) => needsOneThread)
      .map(({ path }) => path).sort(),
    [
      "/channel?uuid=example&direction=read",
      "/do/down:5000/echo:1/abort",
      "/do/every:3:abort/echo",
      "/do/first:2:status:503/echo",
      "/do/journal:a1b2c3/echo",
      "/do/key:a1b2/first:2:status:503/echo",
      "/do/key:esp/down:10000/close:1001",
      "/do/key:okhttp/first:1:status:408/echo",
      "/stash",
      "/stash?action=take&key=example",
    ],
  );

  const marked = await (await get("text/html")).text();
  assertStringIncludes(marked, "first</code></a> (needs one thread)");
  assertStringIncludes(marked, "/stash</code></a> (needs one thread)");
  const response = await get("text/html", "/faults", LISTENERS, 2);
  const page = await response.text();
  assertStringIncludes(page, "<td><code>first</code> (needs one thread)");
  assertStringIncludes(page, "<td><code>/stash</code> (needs one thread)");
});

Deno.test("/faults is a page for browsers", async () => {
  const response = await get("text/html,*/*;q=0.8");
  assertEquals(
    response.headers.get("content-type"),
    "text/html; charset=utf-8",
  );
  const policy = response.headers.get("content-security-policy")!;
  assertStringIncludes(policy, "default-src 'none'; style-src 'self'");
  const page = await response.text();
  for (const name of [...FAULTS.keys(), ...STEPS.map(({ name }) => name)]) {
    assertStringIncludes(page, `<code>${name}</code>`);
  }
  // Nothing is loaded from elsewhere, and nothing runs.
  for (
    const [, url] of page.matchAll(
      /<(?:link|img|script)[^>]*(?:href|src)="([^"]*)"/g,
    )
  ) {
    assert(url!.startsWith("/"), url);
  }
  assert(!/<script|<style| style=| on\w+=/.test(page));
});

Deno.test("/faults links rows to the console and sections to the RFCs", async () => {
  const page = await (await get("text/html")).text();
  assertStringIncludes(
    page,
    'href="/#server=other&amp;url=wss%3A%2F%2Fa.b%3A8001%2Ffault%2Fmasked-frame"',
  );
  assertStringIncludes(
    page,
    '<a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.1.2.1">',
  );
  // "RFC 6455 §7.1.2, §7.4"
  assertStringIncludes(
    page,
    '<a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.4">§7.4</a>',
  );
});

Deno.test("/faults/style.css is a style sheet", async () => {
  const response = await get("text/css", "/faults/style.css");
  assertEquals(response.headers.get("content-type"), "text/css; charset=utf-8");
  assertStringIncludes(await response.text(), ".catalogue");
});
