import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import {
  index,
  LISTENER_PURPOSE,
  type ListenerInfo,
} from "../../handlers/index.ts";
import type { Routes } from "../../lib/router.ts";
import { HTTP_INFO } from "./fakes.ts";

const EDGE: ListenerInfo = { name: "edge", port: 8000 };
const FRAME: ListenerInfo = { name: "frame", port: 8001 };

const ROUTES: Routes = {
  "/ws": { frame() {} },
  "/more": { frame() {} },
  "/page": { GET: () => new Response() },
};

async function response(
  url = "http://localhost:8000/",
  listeners = [EDGE, FRAME],
  routes = ROUTES,
): Promise<Response> {
  const handler = index(() => routes, () => listeners);
  return await handler(new Request(url), HTTP_INFO);
}

async function page(...args: Parameters<typeof response>): Promise<string> {
  return await (await response(...args)).text();
}

/** The addresses that the page lists, in its order. */
function addresses(html: string): string[] {
  return [...html.matchAll(/<li><code>([^<]*)<\/code>/g)].map(([, url]) =>
    url!
  );
}

Deno.test("index() answers 200 with HTML", async () => {
  const { status, headers } = await response();
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "text/html; charset=utf-8");
});

Deno.test("index() allows the page nothing", async () => {
  const { headers } = await response();
  assertEquals(
    headers.get("content-security-policy"),
    "default-src 'none'; frame-ancestors 'none'",
  );
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("referrer-policy"), "no-referrer");
});

for (
  const [url, edge, frame] of [
    ["http://localhost:8000/", "ws://localhost:8000", "ws://localhost:8001"],
    ["http://example.com/", "ws://example.com", "ws://example.com:8001"],
    ["https://example.com/", "wss://example.com", "wss://example.com:8001"],
    [
      "https://example.com:8443/",
      "wss://example.com:8443",
      "wss://example.com:8001",
    ],
    ["http://[::1]:8000/?a=b#c", "ws://[::1]:8000", "ws://[::1]:8001"],
  ] as const
) {
  Deno.test(`index() lists every WebSocket route by address, seen from ${url}`, async () => {
    assertEquals(addresses(await page(url)), [
      `${edge}/ws`,
      `${edge}/more`,
      `${frame}/ws`,
      `${frame}/more`,
    ]);
  });

  Deno.test(`index() shows how to connect, seen from ${url}`, async () => {
    const html = await page(url);
    assertStringIncludes(html, `<pre>websocat ${edge}/ws</pre>`);
    assertStringIncludes(html, `new WebSocket("${edge}/ws")`);
  });
}

Deno.test("index() links HTTP routes and no WebSocket routes", async () => {
  const links = [...(await page()).matchAll(/href="([^"]*)"/g)];
  assertEquals(links.map(([, url]) => url), ["/page"]);
});

Deno.test("index() says what each listener is for", async () => {
  const html = await page();
  for (const name of ["edge", "frame"] as const) {
    assertStringIncludes(html, `<h2>The ${name} listener</h2>`);
    assertStringIncludes(html, `<p>${LISTENER_PURPOSE[name]}</p>`);
  }
});

Deno.test("index() leaves out a listener that does not run", async () => {
  const html = await page("http://localhost:8000/", [EDGE]);
  assertFalse(html.includes("The frame listener"));
  assertEquals(addresses(html), [
    "ws://localhost:8000/ws",
    "ws://localhost:8000/more",
  ]);
});

Deno.test("index() asks for routes and listeners at each request", async () => {
  let routes: Routes = {};
  let listeners: ListenerInfo[] = [];
  const handler = index(() => routes, () => listeners);
  routes = ROUTES;
  listeners = [EDGE];
  const answer = await handler(
    new Request("http://localhost:8000/"),
    HTTP_INFO,
  );
  assertEquals(addresses(await answer.text()).length, 2);
});

Deno.test("index() escapes what could be markup in a path", async () => {
  const evil = `/<script>"'&`;
  const html = await page("http://localhost:8000/", [EDGE], {
    [`${evil}ws`]: { frame() {} },
    [`${evil}http`]: { GET: () => new Response() },
  });
  assertFalse(html.includes("<script"));
  assertStringIncludes(html, "/&#60;script&#62;&#34;&#39;&#38;ws");
  assertStringIncludes(
    html,
    '<a href="/&#60;script&#62;&#34;&#39;&#38;http">',
  );
});

Deno.test("index() shows nothing of the request's path and query", async () => {
  const html = await page("http://localhost:8000/evil?token=secret#evil");
  assertFalse(/evil|secret/.test(html));
});
