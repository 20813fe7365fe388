import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import {
  FILE_NAMES,
  Reports,
} from "../../../../handlers/conformance/reports/report_files.ts";
import { reportRoutes } from "../../../../handlers/conformance/reports/report_routes.ts";
import { MAX_COLUMNS } from "../../../../handlers/conformance/reports/overview_page.ts";
import { ResultStore } from "../../../../lib/conformance/result_store.ts";
import { FAMILIES } from "../../../../lib/conformance/cases.ts";
import { LongRunningRequests } from "../../../../lib/limits/long_running_requests.ts";
import { Router } from "../../../../lib/routing/router.ts";
import style from "../../../../handlers/conformance/reports/style.css" with {
  type: "text",
};
import { echoing, play } from "../../../lib/conformance/peer.ts";
import { resultOf } from "../../../lib/conformance/reports/results.ts";
import { answerOf, HTTP_INFO } from "../../fakes.ts";

/** A store with the results of two agents, the last one `<b>`. */
async function twoAgents(): Promise<ResultStore> {
  const store = new ResultStore();
  store.add((await play("2.2", echoing())).result);
  store.add(resultOf("1.1.1", { agent: "<b>" }));
  store.add(resultOf("6.4.1", { agent: "<b>", behavior: "FAILED" }));
  return store;
}

async function get(store: ResultStore, path: string): Promise<Response> {
  const url = new URL(path, "http://localhost:8000");
  const match = new Router(reportRoutes(store, new LongRunningRequests(1)))
    .match("GET", url.pathname);
  if (match.kind !== "http") throw new Error(`no route for ${path}`);
  const info = { ...HTTP_INFO, params: match.params };
  return await answerOf(match.handler, new Request(url), info);
}

async function text(store: ResultStore, path: string): Promise<string> {
  const response = await get(store, path);
  assertEquals(response.status, 200, path);
  return await response.text();
}

Deno.test("/conformance/ is a page with a row for each case and a column for each agent", async () => {
  const page = await text(await twoAgents(), "/conformance/");
  assertEquals(page.match(/<tr data-family=/g)!.length, 3);
  assertStringIncludes(page, '<th scope="col" class="agent-1">&lt;b&gt;</th>');
  assertStringIncludes(page, '<th scope="col" class="agent-2">peer</th>');
  assertStringIncludes(page, 'href="peer_case_2_2.html">OK</a>');
  assertStringIncludes(page, '<td class="agent-1 failed"><a href="b_case_6_');
  assertFalse(page.includes("<b>"));
});

Deno.test("/conformance/?agent= shows one agent, and links the others", async () => {
  const store = await twoAgents();
  const page = await text(store, "/conformance/?agent=peer");
  assertEquals(page.match(/<tr data-family=/g)!.length, 1);
  assertStringIncludes(page, 'href="?agent=%3Cb%3E"');
  assertStringIncludes(
    await text(store, "/conformance/?agent=nobody"),
    "No such agent",
  );
});

Deno.test("/conformance/ says so when there are no results", async () => {
  const page = await text(new ResultStore(), "/conformance/");
  assertStringIncludes(page, "No results");
});

Deno.test("/conformance/ shows eight agents of many, the latest ones", async () => {
  const store = new ResultStore();
  for (let n = 0; n < 20; n++) store.add(resultOf("1.1.1", { agent: `a${n}` }));
  const page = await text(store, "/conformance/");
  assertEquals(
    page.match(/<th scope="col" class="agent-/g)!.length,
    MAX_COLUMNS,
  );
  assertStringIncludes(page, ">a19</th>");
  assertFalse(page.includes(">a11</th>"));
});

Deno.test("/conformance redirects to the page, with its query", async () => {
  const response = await get(new ResultStore(), "/conformance?agent=a");
  assertEquals(response.status, 308);
  assertEquals(response.headers.get("location"), "/conformance/?agent=a");
});

Deno.test("/conformance/ has a policy that allows no script", async () => {
  const { headers } = await get(await twoAgents(), "/conformance/");
  const policy = headers.get("content-security-policy")!;
  assert(policy.startsWith("default-src 'none'; style-src 'self'"), policy);
  assertFalse(/script|unsafe/.test(policy), policy);
  assertEquals(headers.get("cache-control"), "no-store");
});

Deno.test("each page refers only to files of the reports", async () => {
  const store = await twoAgents();
  const reports = new Reports(store);
  const files = [...reports.fileNames()];
  for (const file of files.filter((name) => name.endsWith(".html"))) {
    const page = await text(store, `/conformance/${file}`);
    assertFalse(/<script|<style|\sstyle=|\son\w+=/.test(page), file);
    const links = [...page.matchAll(/(?:href|src)="([^"#?]+)[^"]*"/g)]
      .map(([, link]) => link!);
    assert(links.length > 2, file);
    for (const link of links) assert(files.includes(link), `${file}: ${link}`);
  }
});

Deno.test("a case's page shows the sender of each entry", async () => {
  const store = await twoAgents();
  const page = await text(store, "/conformance/peer_case_2_2.html");
  assertStringIncludes(
    page,
    "<td>server → client</td><td>PING, FIN, 13 bytes</td><td><code>&quot;Hello, world!",
  );
});

Deno.test("index.json has all agents in the suite's form", async () => {
  const store = await twoAgents();
  const index = JSON.parse(await text(store, "/conformance/index.json"));
  assertEquals(Object.keys(index), ["<b>", "peer"]);
  assertEquals(Object.keys(index["<b>"]), ["1.1.1", "6.4.1"]);
  const { reportfile } = index.peer["2.2"];
  const report = JSON.parse(await text(store, `/conformance/${reportfile}`));
  assertEquals([report.id, report.behavior], ["2.2", "OK"]);
});

Deno.test("index.json?agent= has only that agent", async () => {
  const store = await twoAgents();
  for (let n = 0; n < 20; n++) store.add(resultOf("1.1.1", { agent: `a${n}` }));
  const agentsOf = async (query: string) =>
    Object.keys(
      JSON.parse(await text(store, `/conformance/index.json${query}`)),
    );
  assertEquals(await agentsOf("?agent=peer"), ["peer"]);
  assertEquals(await agentsOf("?agent=peer&agent=%3Cb%3E"), ["<b>", "peer"]);
  assertEquals(await agentsOf("?agent=nobody"), []);
  assertEquals((await agentsOf("")).length, 22);
});

Deno.test("index.json is an empty object when there are no results", async () => {
  const json = await text(new ResultStore(), "/conformance/index.json");
  assertEquals(JSON.parse(json), {});
});

Deno.test("each file of the reports has its media type", async () => {
  const store = await twoAgents();
  const types = await Promise.all(FILE_NAMES.map(async (name) => {
    const { headers } = await get(store, `/conformance/${name}`);
    return headers.get("content-type")!.split(";")[0];
  }));
  assertEquals(types, [
    "text/html",
    "text/css",
    "image/svg+xml",
    "application/json",
    "application/xml",
    "text/markdown",
    "image/svg+xml",
    "application/json",
  ]);
});

for (
  const [path, status, why] of [
    ["/conformance/nothing", 404, "index.json, junit.xml"],
    ["/conformance/constructor", 404, "index.json, junit.xml"],
    ["/conformance/peer_case_1_1_1.json", 404, "no such report"],
    ["/conformance/?agents=x", 400, "agent"],
  ] as const
) {
  Deno.test(`${path} gets ${status}`, async () => {
    const response = await get(await twoAgents(), path);
    assertEquals(response.status, status);
    assertStringIncludes(await response.text(), why);
  });
}

Deno.test("style.css has a filter for each family and each column", () => {
  for (const { number } of FAMILIES) {
    assertStringIncludes(
      style,
      `#family-${number}:checked) tr[data-family]:not([data-family="${number}"])`,
    );
  }
  for (let n = 1; n <= MAX_COLUMNS; n++) {
    assertStringIncludes(
      style,
      `#show-agent-${n}:not(:checked)) .agent-${n}`,
    );
    for (const verdict of ["notok", "failed"]) {
      assertStringIncludes(
        style,
        `#show-${verdict}:checked):has(#show-agent-${n}:checked)) tr:has(.agent-${n}`,
      );
    }
  }
});
