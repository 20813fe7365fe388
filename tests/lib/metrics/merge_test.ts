import { assertEquals } from "@std/assert";
import { mergeTexts } from "../../../lib/metrics/merge.ts";

const ONE = `# HELP messages_total Messages, "all".
# TYPE messages_total counter
messages_total{route="/ws",name="a b"} 3
messages_total{route="/auth",name=""} 1

# HELP seconds Times.
# TYPE seconds histogram
seconds_bucket{le="0.5"} 1
seconds_bucket{le="+Inf"} 2
seconds_sum 1.25
seconds_count 2
`;

const OTHER = `# HELP messages_total Messages, "all".
# TYPE messages_total counter
messages_total{route="/ws",name="a b"} 4
messages_total{route="/control",name=""} 7

# HELP seconds Times.
# TYPE seconds histogram
seconds_bucket{le="0.5"} 0
seconds_bucket{le="+Inf"} 1
seconds_sum 0.5
seconds_count 1

# HELP extra Only here.
# TYPE extra gauge
extra 1
`;

Deno.test("mergeTexts() adds up samples, and keeps a sample that only one text has", () => {
  assertEquals(
    mergeTexts([ONE, OTHER]),
    `# HELP messages_total Messages, "all".
# TYPE messages_total counter
messages_total{route="/ws",name="a b"} 7
messages_total{route="/auth",name=""} 1
messages_total{route="/control",name=""} 7

# HELP seconds Times.
# TYPE seconds histogram
seconds_bucket{le="0.5"} 1
seconds_bucket{le="+Inf"} 3
seconds_sum 1.75
seconds_count 3

# HELP extra Only here.
# TYPE extra gauge
extra 1
`,
  );
});

Deno.test("mergeTexts() of one text, or of none, changes nothing", () => {
  assertEquals(mergeTexts([ONE]), ONE);
  assertEquals(mergeTexts([]), "");
  assertEquals(mergeTexts(["", ONE, "\n"]), ONE);
});
