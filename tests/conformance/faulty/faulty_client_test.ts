import { assert, assertEquals } from "@std/assert";
import type { Case } from "../../../lib/conformance/case/case.ts";
import { CASES } from "../../../lib/conformance/cases.ts";
import { isFailed } from "../../../lib/conformance/reports/counts.ts";
import { IS_LONG } from "../../long.ts";
import { testWith } from "../../permissions.ts";
import { FRAMES, LIMITS, MUTATIONS, SOME_COMPRESSED } from "./mutations.ts";
import { faultyResults } from "./run_faulty.ts";

/** In the short form, one case of this many runs, and one that fails. */
const SHARE = 24;

function extent(cases: readonly Case[], fails: (testCase: Case) => boolean) {
  if (IS_LONG) return cases;
  const first = cases.find(fails);
  return cases.filter((testCase, i) => i % SHARE === 0 || testCase === first);
}

const idsOf = (cases: readonly Case[]) => cases.map(({ id }) => id);

testWith(
  { net: true },
  "a client without a fault passes every case",
  async () => {
    const cases = IS_LONG ? [...FRAMES, ...LIMITS, ...SOME_COMPRESSED] : FRAMES;
    const results = await faultyResults(cases, {});
    const verdicts = results.map((result) => {
      const { behavior, behaviorClose, case: { lastRule } } = result;
      const isRight = behavior === behaviorClose &&
        behavior === (lastRule === "informational" ? "INFORMATIONAL" : "OK");
      return isRight ? undefined : result;
    });
    assertEquals(verdicts.filter((result) => result !== undefined), []);
  },
);

for (const { name, faults, among, fails } of MUTATIONS) {
  testWith(
    { net: true },
    `a client that ${name} fails exactly the cases that say so`,
    async () => {
      const cases = extent(among, fails);
      const results = await faultyResults(cases, faults);
      const failed = results.filter(isFailed).map((result) => result.case);
      assertEquals(idsOf(failed), idsOf(cases.filter(fails)));
    },
  );
}

Deno.test("every case is failed by a fault, unless it is informational", () => {
  const missed = CASES.filter((testCase) =>
    !MUTATIONS.some(({ among, fails }) =>
      among.includes(testCase) && fails(testCase)
    )
  );
  assertEquals(idsOf(missed), ["7.1.6", "7.13.1", "7.13.2"]);
  assert(missed.every(({ lastRule }) => lastRule === "informational"));
});
