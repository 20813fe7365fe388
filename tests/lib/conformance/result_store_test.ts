import { assertEquals } from "@std/assert";
import {
  ResultStore,
  type ResultStoreOptions,
} from "../../../lib/conformance/result_store.ts";
import type { CaseResult } from "../../../lib/conformance/case/result.ts";
import { echoing, play } from "./peer.ts";

const { result: RESULT } = await play("1.1.1", echoing());
const { result: OTHER } = await play("2.1", echoing());

function of(agent: string, result: CaseResult = RESULT): CaseResult {
  return { ...result, agent };
}

/** A store on a clock of its own. */
function store(options: ResultStoreOptions = {}) {
  const clock = { now: 0 };
  return {
    clock,
    store: new ResultStore({ now: () => clock.now, ...options }),
  };
}

Deno.test("ResultStore keeps the last result of each case", () => {
  const { store: results } = store();
  results.add(of("a"));
  const last = of("a");
  results.add(last);
  assertEquals(results.get("a", "1.1.1"), last);
  assertEquals(results.results("a"), [last]);
  assertEquals(results.get("a", "1.1.2"), undefined);
  assertEquals(results.get("b", "1.1.1"), undefined);
});

Deno.test("ResultStore has the results in the suite's order", () => {
  const { store: results } = store();
  results.add(of("a", OTHER));
  results.add(of("a"));
  assertEquals(results.results("a").map((result) => result.case.id), [
    "1.1.1",
    "2.1",
  ]);
});

Deno.test("ResultStore removes the agent that has been silent longest", () => {
  const { store: results } = store({ maxAgents: 2 });
  for (const agent of ["a", "b", "a", "c"]) results.add(of(agent));
  assertEquals(results.agents, ["a", "c"]);
});

Deno.test("ResultStore removes agents above its size, except the newest", () => {
  const { store: results } = store({ maxBytes: 1 });
  results.add(of("a"));
  results.add(of("b"));
  assertEquals(results.agents, ["b"]);
});

Deno.test("ResultStore removes agents after their age", () => {
  const { store: results, clock } = store({ maxAge: 100 });
  results.add(of("a"));
  clock.now = 60;
  results.add(of("b"));
  clock.now = 101;
  assertEquals(results.agents, ["b"]);
  clock.now = 161;
  assertEquals([results.agents, results.results("b")], [[], []]);
});

Deno.test("ResultStore knows its size", () => {
  const { store: results } = store();
  results.add(of("a"));
  const one = results.bytes;
  results.add(of("a"));
  assertEquals(results.bytes, one);
  results.add(of("b"));
  assertEquals(results.bytes, 2 * one);
  results.clear("a");
  assertEquals(results.bytes, one);
  results.clear();
  assertEquals(results.bytes, 0);
});

Deno.test("ResultStore.wait() resolves with a later result", async () => {
  const { store: results } = store();
  const { signal } = new AbortController();
  const waiting = [
    results.wait("a", "1.1.1", signal),
    results.wait("a", "1.1.1", signal),
  ];
  results.add(of("b"));
  results.add(of("a", OTHER));
  const result = of("a");
  results.add(result);
  assertEquals(await Promise.all(waiting), [result, result]);
  assertEquals(await results.wait("a", "1.1.1", signal), result);
});

Deno.test("ResultStore.wait() ends with its signal", async () => {
  const { store: results } = store();
  const ended = new AbortController();
  const waiting = results.wait("a", "1.1.1", ended.signal);
  ended.abort();
  assertEquals(await waiting, undefined);
  assertEquals(await results.wait("a", "1.1.1", ended.signal), undefined);
});

Deno.test("ResultStore tells of agents that have finished", () => {
  const { store: results } = store();
  const finished: string[] = [];
  const stop = results.onUpdate((agent) => finished.push(agent));
  results.updateReports("a");
  stop();
  results.updateReports("b");
  assertEquals(finished, ["a"]);
});

Deno.test("ResultStore has the agent with the latest result first", () => {
  const { store: results } = store();
  for (const agent of ["b", "a", "c", "b"]) results.add(of(agent));
  assertEquals(results.latestAgents, ["b", "c", "a"]);
});

Deno.test("ResultStore calls a function for each result until its end", () => {
  const { store: results } = store();
  const seen: string[] = [];
  const stop = results.onResult(({ agent }) => seen.push(agent));
  results.add(of("a"));
  results.add(of("a"));
  stop();
  results.add(of("b"));
  assertEquals(seen, ["a", "a"]);
});
