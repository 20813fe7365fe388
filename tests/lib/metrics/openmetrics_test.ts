import { assertEquals } from "@std/assert";
import { toOpenMetrics } from "../../../lib/metrics/openmetrics.ts";

Deno.test("toOpenMetrics() names a counter without _total, and ends with # EOF", () => {
  const text = `# HELP a_total What a_total counts.
# TYPE a_total counter
a_total{b="c_total "} 1

# HELP d A gauge.
# TYPE d gauge
d 2
`;
  assertEquals(
    toOpenMetrics(text),
    `# HELP a What a_total counts.
# TYPE a counter
a_total{b="c_total "} 1
# HELP d A gauge.
# TYPE d gauge
d 2
# EOF
`,
  );
});
