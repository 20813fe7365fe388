import { assert, assertEquals } from "@std/assert";
import {
  histogram,
  quantile,
  Rates,
  Samples,
  summarise,
} from "../../../../../handlers/console/page/measurement/statistics.js";

const HUNDRED = Float64Array.from({ length: 100 }, (_, i) => i + 1);

Deno.test("quantile() is the nearest rank", () => {
  assertEquals(
    [0, 0.5, 0.95, 0.99, 1].map((q) => quantile(HUNDRED, q)),
    [1, 50, 95, 99, 100],
  );
  assertEquals(quantile(Float64Array.of(7), 0.5), 7);
});

Deno.test("summarise() gives quantiles and maximum, or nothing without samples", () => {
  assertEquals(summarise(new Float64Array(0), 0), undefined);
  assertEquals(summarise(HUNDRED, 1234), {
    count: 1234,
    p50: 50,
    p95: 95,
    p99: 99,
    max: 100,
  });
});

Deno.test("Samples keeps the latest samples and counts all", () => {
  const samples = new Samples(3);
  for (const value of [5, 1, 4, 2]) samples.add(value * 10, value);
  assertEquals(samples.count, 4);
  assertEquals([...samples.sorted()], [1, 2, 4]);
  assertEquals(samples.latest(10), [[10, 40, 20], [1, 4, 2]]);
  assertEquals(samples.latest(2), [[40, 20], [4, 2]]);
  samples.clear();
  assertEquals([samples.count, samples.sorted().length], [0, 0]);
});

for (
  const values of [
    [3],
    [3, 3, 3],
    [0.1, 0.2, 0.3],
    [1, 2, 3, 1000],
    [...HUNDRED],
    [0, 0, 50_000],
  ]
) {
  Deno.test(`histogram() counts each of ${values.length} values once when the first is ${values[0]}`, () => {
    const sorted = Float64Array.from(values).sort();
    const { width, starts, counts } = histogram(sorted, 40);
    assertEquals(counts.reduce((sum, count) => sum + count), values.length);
    assert(starts[0]! <= sorted[0]!);
    assert(starts.length <= 42, String(starts.length));
    const digit = Number(width.toExponential().split("e")[0]);
    assert([1, 2, 5].some((step) => Math.abs(step - digit) < 1e-9), `${width}`);
  });
}

Deno.test("histogram() counts outliers in the last bin", () => {
  const values = [...HUNDRED, ...HUNDRED, 1e6].sort((a, b) => a - b);
  const { starts, counts } = histogram(Float64Array.from(values), 40);
  assert(starts.at(-1)! > 100 && starts.at(-1)! < 110, `${starts.at(-1)}`);
  assertEquals(counts.at(-1), 1);
});

Deno.test("Rates counts events per second and kind", () => {
  const rates = new Rates(2, 3);
  rates.add(0, 1000);
  rates.add(0, 1999);
  rates.add(1, 3500);
  rates.add(0, 4000);
  assertEquals(rates.latest(4200), [[1, 2, 3], [2, 0, 0], [0, 0, 1]]);
  rates.clear();
  assertEquals(rates.latest(4200), [[1, 2, 3], [0, 0, 0], [0, 0, 0]]);
});
