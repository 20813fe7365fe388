import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/config/arguments.ts";
import { type BenchArguments, readArguments } from "./arguments.ts";
import { chart } from "./report/chart.ts";
import { verdicts } from "./report/ci.ts";
import { ALL_LOADS, CI_LOADS } from "./loads.ts";
import type { Results, ThroughputResult } from "./report/results.ts";
import { markdown, ratioRows, remarks, short } from "./report/table.ts";

function rates(...rates: number[]): ThroughputResult {
  return { rate: rates[0]!, rates, cpu: 1.5, generatorIdle: 0.5 };
}

const RESULTS: Results = {
  date: "2026-01-01T00:00:00.000Z",
  machine: {
    os: "linux",
    arch: "x86_64",
    processor: "any",
    cores: 2,
    pinned: true,
  },
  servers: {
    edge: { name: "edge & more", version: "1" },
    deno: { name: "bare", version: "2" },
  },
  throughput: {
    "50x64x1": { edge: rates(90, 100), deno: rates(100, 100) },
    "50x64x8": { edge: { failed: "no" }, deno: rates(1e6) },
  },
  handshakes: {},
  latency: { edge: { rate: 45, p50: 0.1234, p99: 5, cpu: 2 } },
  memory: { 2000: { edge: 7680, deno: { failed: "no" } } },
};

Deno.test("short() writes three digits", () => {
  assertEquals(
    [0.5559, 12.34, 842.4, 1300, 168_200, 6_650_000].map(short),
    ["0.556", "12.3", "842", "1300", "168 k", "6.65 M"],
  );
});

Deno.test("markdown() has a row a measurement and a column a server", () => {
  const lines = markdown(RESULTS).split("\n").map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  assertEquals(lines[0], ["", "edge & more", "bare"]);
  assertEquals(lines[2], ["50 × 64 × 1, messages/s", "90.0", "100"]);
  assertEquals(lines[3], ["50 × 64 × 8, messages/s", "failed", "1.00 M"]);
  assertEquals(lines.find(([title]) => title?.startsWith("KiB")), [
    "KiB an idle connection of 2000",
    "7.5",
    "failed",
  ]);
  assertEquals(lines.at(-2), ["… p99, ms", "5.000", "–"]);
});

Deno.test("ratioRows() leaves out what was not measured", () => {
  assertEquals(ratioRows(RESULTS), [
    "edge listener / bare runtime: 50 × 64 × 1: 0.95",
  ]);
});

Deno.test("remarks() tells of failures, and of a generator without rest", () => {
  const { throughput } = RESULTS;
  const busy = { ...rates(1), generatorIdle: 0.01 };
  assertEquals(
    remarks({ ...RESULTS, throughput: { ...throughput, x: { bun: busy } } }),
    ["50x64x8, edge: no", "x, bun: the load generator had no rest"],
  );
});

Deno.test("chart() draws a bar for each figure", () => {
  const svg = chart(RESULTS);
  assertEquals(svg.match(/<rect /g)?.length, 5);
  assert(svg.includes("edge &amp; more") && !svg.includes("NaN"));
  assertEquals(svg.match(/<g /g)?.length, svg.match(/<\/g>/g)?.length);
});

Deno.test("verdicts() fails what is too slow, or was not measured", () => {
  const [single, eight, large] = CI_LOADS.map(({ id }) => id);
  const found = verdicts(CI_LOADS, {
    [single!]: { edge: rates(90, 91, 92), deno: rates(100, 100, 100) },
    [eight!]: { edge: rates(89), deno: rates(100) },
    [large!]: { edge: { failed: "no" }, deno: rates(100) },
  });
  assertEquals(found.map(({ ok }) => ok), [true, false, false]);
  assertMatch(found[0]!.line, /ratio 0\.910, the median of 3: ok$/);
  assertMatch(found[1]!.line, /ratio 0\.890, the median of 1: below 0\.9$/);
  assertMatch(found[2]!.line, /not measured/);
});

Deno.test("readArguments() takes everything where nothing is named", () => {
  const all = readArguments([]) as BenchArguments;
  assertEquals(all.mode, "full");
  assertEquals(all.servers.length, 6);
  assertEquals(all.measurements.length, ALL_LOADS.length + 3);
});

Deno.test("readArguments() takes servers and measurements from --only", () => {
  const some = readArguments([
    ...["--quick", "--only", "bun,50x64x8,memory", "--rounds", "3"],
  ]) as BenchArguments;
  assertEquals(some, {
    mode: "quick",
    workers: undefined,
    isComplete: false,
    rounds: 3,
    seconds: undefined,
    servers: ["bun"],
    measurements: ["50x64x8", "memory"],
  });
  const server = readArguments(["--only", "ws"]) as BenchArguments;
  assertEquals(server.measurements.length, ALL_LOADS.length + 3);
});

for (
  const [args, allowed] of [
    [["--only", "nginx"], /edge, frame/],
    [["--rounds", "0"], /1 to 1000/],
    [["--seconds", "long"], /0\.1 to 60/],
    [["--workers", "1.5"], /1 to 64/],
    [["--fast"], /--quick/],
    [["fast"], /--quick/],
  ] as const
) {
  Deno.test(`readArguments() says what is allowed instead of ${args.join(" ")}`, () => {
    const error = assertThrows(() => readArguments(args), UsageError);
    assertMatch((error as Error).message, allowed);
  });
}
