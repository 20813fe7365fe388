import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import { ASSETS } from "../../../handlers/console/assets.ts";
import { consoleRoutes } from "../../../handlers/console/console.ts";
import { gzip } from "../../../handlers/console/gzip.ts";
import { ROUTE_DESCRIPTIONS } from "../../../handlers/console/route_descriptions.ts";
import { Router, type Routes } from "../../../lib/routing/router.ts";
import {
  LISTENER_PURPOSE,
  type ListenerInfo,
} from "../../../lib/server/listeners.ts";
import { testWith } from "../../permissions.ts";
import { answerOf, HTTP_INFO } from "../fakes.ts";

const EDGE: ListenerInfo = { name: "edge", port: 8000 };
const FRAME: ListenerInfo = { name: "frame", port: 8001 };

const ROUTES: Routes = {
  "/ws": { subprotocols: ["echo"], frame() {} },
  "/more": { frame() {} },
  "/getCaseCount": { frame() {} },
  "/other": { GET: () => new Response() },
  "/files/:name": { GET: () => new Response() },
};

const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

interface Setting {
  readonly listeners?: readonly ListenerInfo[];
  readonly metricsToken?: string;
}

const FIGURES = { connections: 3, messages: 1234 };

async function get(
  url: string,
  headers: Record<string, string> = {},
  { listeners = [EDGE, FRAME], metricsToken }: Setting = {},
): Promise<Response> {
  const map: Routes = {
    ...ROUTES,
    ...consoleRoutes({
      routes: () => map,
      listeners: () => listeners,
      metrics: { figures: () => Promise.resolve(FIGURES) },
      metricsToken,
    }),
  };
  const { pathname } = new URL(url);
  const match = new Router(map).match("GET", pathname);
  if (match.kind !== "http") throw new Error(`no route for ${pathname}`);
  const info = { ...HTTP_INFO, params: match.params };
  return await answerOf(match.handler, new Request(url, { headers }), info);
}

async function list(
  url = "http://localhost:8000/",
  setting?: Setting,
): Promise<string> {
  return await (await get(url, {}, setting)).text();
}

Deno.test("console: / is a page for browsers", async () => {
  const { status, headers } = await get("http://localhost:8000/", HTML);
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(headers.get("vary"), "accept, accept-encoding");
});

for (const accept of ["*/*", "text/plain", undefined]) {
  Deno.test(`console: / is a list of addresses for Accept: ${accept}`, async () => {
    const headers = accept === undefined ? {} : { accept };
    const response = await get("http://localhost:8000/", headers);
    const type = response.headers.get("content-type");
    assertEquals(type, "text/plain; charset=utf-8");
    assertEquals(response.headers.get("vary"), "accept");
    assertStringIncludes(await response.text(), "ws://localhost:8000/ws\n");
  });
}

Deno.test("console: the content security policy allows only scripts and styles of this server", async () => {
  const { headers } = await get("http://localhost:8000/", HTML);
  const policy = headers.get("content-security-policy") ?? "";
  for (
    const directive of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]
  ) {
    assert(policy.split("; ").includes(directive), directive);
  }
  assertFalse(policy.includes("unsafe"), policy);
  assertEquals(headers.get("cross-origin-opener-policy"), "same-origin");
  // `require-corp` would block plain requests to other servers.
  assertEquals(headers.get("cross-origin-embedder-policy"), "credentialless");
});

Deno.test("console: the page has no inline script, style or handler", () => {
  const { text } = ASSETS.get("index.html")!;
  assertFalse(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/.test(text));
});

Deno.test("console: every file that the page refers to is served", async () => {
  const files = [...ASSETS].flatMap(([name, { text }]) => {
    const base = `http://localhost:8000/console/${name}`;
    return [
      ...text.matchAll(/(?:href|src)="(\/console\/[^"]+)"/g),
      ...text.matchAll(/(?:from|import) "(\.[^"]+)"/g),
    ].map(([, reference]) => new URL(reference!, base).href);
  });
  assert(files.length > 20, String(files.length));
  for (const file of new Set(files)) {
    const response = await get(file);
    assertEquals(response.status, 200, file);
    assert((await response.text()).length > 0, file);
  }
});

/** The path of each file of a folder and of the folders in it. */
async function* filesOf(folder: URL, prefix = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      yield* filesOf(new URL(`${name}/`, folder), `${prefix}${name}/`);
    } else {
      yield prefix + name;
    }
  }
}

testWith(
  { read: true },
  "console: every file of page/ is served unchanged",
  async () => {
    const page = new URL("../../../handlers/console/page/", import.meta.url);
    for await (const name of filesOf(page)) {
      if (name === "deno.json") continue;
      const text = await Deno.readTextFile(new URL(name, page));
      assertEquals(ASSETS.get(name)?.text, text, name);
    }
  },
);

Deno.test("console: other paths get 404", async () => {
  for (const file of ["nope.js", "constructor", "index.html", "deno.json"]) {
    const { status } = await get(`http://localhost:8000/console/${file}`);
    assertEquals(status, 404, file);
  }
});

Deno.test("console: the files of uPlot contain its licence", async () => {
  for (const file of ["uplot.js", "uplot.css"]) {
    const response = await get(`http://localhost:8000/console/${file}`);
    assertStringIncludes(await response.text(), "The MIT License");
  }
});

for (const path of ["/", "/console/main.js"]) {
  Deno.test(`console: ${path} gets 304 when the entity tag matches`, async () => {
    const url = `http://localhost:8000${path}`;
    const first = await get(url, HTML);
    const etag = first.headers.get("etag") ?? "";
    assert(etag.length > 10, etag);
    assertEquals(first.headers.get("cache-control"), "no-cache");
    for (const tag of [etag, etag.replace("W/", ""), `"x", ${etag}`]) {
      const again = await get(url, { ...HTML, "if-none-match": tag });
      assertEquals([again.status, await again.text()], [304, ""]);
      assertEquals(again.headers.get("etag"), etag);
    }
    const other = await get(url, { ...HTML, "if-none-match": '"x"' });
    assertEquals(other.status, 200);
  });
}

Deno.test("console: the first load is at most 32 files, 150 KB, and 55 KB compressed", async () => {
  const texts = [...ASSETS].filter(([path]) => path !== "uplot.js")
    .map(([, { text }]) => text);
  const sum = (sizes: number[]) => sizes.reduce((sum, size) => sum + size, 0);
  const plain = sum(texts.map((text) => new Blob([text]).size));
  const compressed = sum(
    (await Promise.all(texts.map(gzip))).map(({ length }) => length),
  );
  assert(texts.length <= 32, `${texts.length} files`);
  assert(plain <= 150_000, `${plain} bytes`);
  assert(compressed <= 55_000, `${compressed} bytes compressed`);
});

Deno.test("console: files are compressed when the client accepts gzip", async () => {
  const url = "http://localhost:8000/console/main.js";
  const plain = await (await get(url)).text();
  const zipped = await get(url, { "accept-encoding": "br, gzip" });
  assertEquals(zipped.headers.get("content-encoding"), "gzip");
  assertEquals(zipped.headers.get("vary"), "accept-encoding");
  const stream = zipped.body!.pipeThrough(new DecompressionStream("gzip"));
  assertEquals(await new Response(stream).text(), plain);
  for (const refusal of ["identity", "gzip;q=0", "br"]) {
    const other = await get(url, { "accept-encoding": refusal });
    assertEquals(other.headers.get("content-encoding"), null, refusal);
    assertEquals(await other.text(), plain);
  }
});

Deno.test("console: the configuration lists listeners and WebSocket routes", async () => {
  const url = "http://localhost:8000/console/config.json";
  const response = await get(url);
  assertEquals(response.headers.get("cache-control"), "no-store");
  const { version, startedAt, ...rest } = await response.json();
  assert(/^\d+\.\d+\.\d+/.test(version), version);
  assert(Math.abs(Date.now() - startedAt) < 60_000, startedAt);
  assertEquals(rest, {
    listeners: [EDGE, FRAME].map((listener) => ({
      ...listener,
      purpose: LISTENER_PURPOSE[listener.name],
    })),
    routes: [
      {
        path: "/ws",
        subprotocols: ["echo"],
        purpose: ROUTE_DESCRIPTIONS["/ws"]!.purpose,
        parameters: ROUTE_DESCRIPTIONS["/ws"]!.parameters ?? [],
      },
      { path: "/more", subprotocols: [], purpose: "", parameters: [] },
      {
        path: "/getCaseCount",
        subprotocols: [],
        purpose: ROUTE_DESCRIPTIONS["/getCaseCount"]!.purpose,
        parameters: [],
      },
    ],
    figures: "/console/figures.json",
  });
});

Deno.test("console: the figures are compressed when the client accepts gzip", async () => {
  const url = "http://localhost:8000/console/figures.json";
  const plain = await get(url);
  assertEquals(plain.headers.get("content-type"), "application/json");
  assertEquals(plain.headers.get("cache-control"), "no-store");
  assertEquals(plain.headers.get("vary"), "accept-encoding");
  const { version, startedAt, ...figures } = await plain.json();
  assertEquals(figures, FIGURES);
  const config = await (await get("http://localhost:8000/console/config.json"))
    .json();
  assertEquals(version, config.version);
  assert(Math.abs(startedAt - config.startedAt) < 60_000, startedAt);
  const zipped = await get(url, { "accept-encoding": "gzip, deflate, br" });
  assertEquals(zipped.headers.get("content-encoding"), "gzip");
  assertEquals(zipped.headers.get("vary"), "accept-encoding");
  const stream = zipped.body!.pipeThrough(new DecompressionStream("gzip"));
  const { connections, messages } = await new Response(stream).json();
  assertEquals({ connections, messages }, FIGURES);
});

Deno.test("console: the figures need METRICS_TOKEN, and the configuration omits their path", async () => {
  const setting = { metricsToken: "right" };
  const url = "http://localhost:8000/console/figures.json";
  for (const authorization of ["", "Bearer wrong"]) {
    const response = await get(url, { authorization }, setting);
    assertEquals(response.status, 401);
    assertFalse((await response.text()).includes("1234"));
  }
  const right = await get(url, { authorization: "Bearer right" }, setting);
  assertEquals((await right.json()).messages, 1234);
  const config = await get(
    "http://localhost:8000/console/config.json",
    {},
    setting,
  );
  assertEquals((await config.json()).figures, null);
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
    ["http://[::1]:8000/?a=b", "ws://[::1]:8000", "ws://[::1]:8001"],
  ] as const
) {
  Deno.test(`addresses() lists every WebSocket route for ${url}`, async () => {
    const text = await list(url);
    assertEquals(text.match(/^ {2}ws.*$/gm), [
      `  ${edge}/ws`,
      `  ${edge}/more`,
      `  ${frame}/ws`,
      `  ${frame}/more`,
      `  ${frame}/getCaseCount`,
    ]);
    assertStringIncludes(text, `websocat ${edge}/ws\n`);
  });
}

Deno.test("addresses() lists HTTP routes without the console's assets", async () => {
  const text = await list();
  assertEquals(text.match(/^ {2}http.*$/gm), [
    "  http://localhost:8000/other",
    "  http://localhost:8000/files/:name",
    "  http://localhost:8000/",
  ]);
});

Deno.test("addresses() states the purpose of each listener", async () => {
  const text = await list();
  for (const { name } of [EDGE, FRAME]) {
    const title = `The ${name} listener: ${LISTENER_PURPOSE[name]}\n`;
    assertStringIncludes(text, title);
  }
});

Deno.test("addresses() omits a listener that does not run", async () => {
  const text = await list(undefined, { listeners: [EDGE] });
  assertFalse(text.includes("The frame listener"));
});

Deno.test("addresses() does not repeat the query of the request", async () => {
  const text = await list("http://localhost:8000/?token=secret");
  assertFalse(text.includes("secret"));
});
