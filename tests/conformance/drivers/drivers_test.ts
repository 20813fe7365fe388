import { assertEquals } from "@std/assert";
import {
  type ExpectedResults,
  readExpected,
} from "../../../lib/conformance/reports/expected.ts";
import type { Verdicts } from "../../../lib/conformance/reports/counts.ts";
import {
  selectCases,
  splitPatterns,
} from "../../../lib/conformance/selection.ts";
import config from "../../../deno.json" with { type: "json" };
import { IS_LONG } from "../../long.ts";
import { testWith } from "../../permissions.ts";
import { type Ended, runDeno } from "../../program.ts";
import { type Command, type Driver, DRIVERS } from "./drivers.ts";

const EXPECTED = new URL("./expected/", import.meta.url);

/** A few cases of each family. */
const SHORT = "1.1.1,1.1.8,1.2.7,2.4,2.5,2.10,3.1,3.2,3.7,4.1.2,4.2.3,5.1," +
  "5.6,5.9,5.15,5.19,6.1.2,6.2.4,6.3.1,6.4.1,6.12.1,6.20.1,7.1.1,7.1.2," +
  "7.1.4,7.1.5,7.1.6,7.3.2,7.3.6,7.5.1,7.7.3,7.9.1,7.13.1,9.1.2,9.3.8," +
  "9.5.5,9.7.1,10.1.1,12.1.1,12.2.3,13.2.3,13.4.1";

/** All but most of the cases with compression, which take minutes. */
const LONG = "1.*,2.*,3.*,4.*,5.*,6.*,7.*,9.*,10.*,12.1.1,12.2.3,12.3.5," +
  "12.4.4,12.5.3,13.1.3,13.2.3,13.3.3,13.4.3,13.5.3,13.6.3,13.7.3";

const CASES = IS_LONG ? LONG : SHORT;

/**
 * Cases that are left out. Deno's client sends a message of 4 KiB in two parts, and the
 * second waits for an acknowledgement: each of these cases takes 47 s.
 */
const EXCLUDED: Readonly<Record<string, string>> = { Deno: "9.7.6,9.8.6" };

const PASSED: Verdicts = { behavior: "OK", behaviorClose: "OK" };

/**
 * Runs of a case that differs. Most time limits of the cases are one second. A busy
 * machine stops a client for longer now and then; a client that behaves in another way
 * does so in each run.
 */
const ATTEMPTS = 4;

type Index = Readonly<Record<string, Verdicts>>;

/** Runs cases with a driver; returns their verdicts. */
async function runCases(
  { agent, expected }: Driver,
  command: Command & { readonly ok: true },
  ids: readonly string[],
): Promise<{ readonly index: Index; readonly ended: Ended }> {
  const out = await Deno.makeTempDir();
  try {
    const words = config.tasks.conformance.command.split(" ").slice(1);
    const ended = await runDeno([
      ...words,
      ...["--driver", command.command, "--cases", ids.join()],
      ...["--expect", new URL(expected, EXPECTED).pathname, "--out", out],
    ], command.env);
    const index = JSON.parse(await Deno.readTextFile(`${out}/index.json`));
    const agents = Object.keys(index);
    // A driver that the machine ended has no result.
    if (agents.length > 0) assertEquals(agents, [agent]);
    return { index: index[agent] ?? {}, ended };
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

/**
 * The cases that differ from the file. Whether a client answers a message before it sees
 * the error after it (OK) or not (NON-STRICT) depends on timing, so both are the same
 * here; a version that the test does not install may pass more cases.
 */
function differing(
  ids: readonly string[],
  index: Index,
  expected: ExpectedResults,
  { agent, isPinned }: Driver,
): string[] {
  const listed = expected.get(agent);
  return ids.filter((id) => {
    const verdicts = index[id];
    if (verdicts === undefined) return true;
    const wanted = listed?.get(id) ?? PASSED;
    return !areEqual(verdicts, wanted) &&
      !(!isPinned && areEqual(verdicts, PASSED));
  });
}

function areEqual(one: Verdicts, other: Verdicts): boolean {
  return (one.behavior === other.behavior ||
    (passes(one.behavior) && passes(other.behavior))) &&
    one.behaviorClose === other.behaviorClose;
}

function passes(behavior: Verdicts["behavior"]): boolean {
  return behavior === "OK" || behavior === "NON-STRICT";
}

for (const driver of DRIVERS) {
  const { agent, expected } = driver;
  testWith(
    { net: true, run: true, read: true, write: true, env: true },
    `the driver of ${agent} has the expected results`,
    async (context) => {
      const command = await driver.command();
      if (!command.ok) {
        await context.step({
          name: `ignored: ${command.reason}`,
          ignore: true,
          fn() {},
        });
        return;
      }
      const excluded = EXCLUDED[agent];
      const cases = selectCases({
        cases: splitPatterns(CASES),
        ...(excluded !== undefined && { exclude: splitPatterns(excluded) }),
      }).map(({ id }) => id);
      const file = new URL(expected, EXPECTED);
      const listed = readExpected(await Deno.readTextFile(file));
      for (let attempt = 1, ids = cases; ids.length > 0; attempt++) {
        const { index, ended } = await runCases(driver, command, ids);
        assertEquals(Object.keys(index).filter((id) => !ids.includes(id)), []);
        const others = differing(ids, index, listed, driver);
        if (attempt === ATTEMPTS) {
          const verdicts = others.map((id) => [id, index[id]]);
          assertEquals(verdicts, [], ended.out + ended.error);
        }
        // The command itself compares the results, too.
        if (others.length === 0) {
          assertEquals([ended.code, ended.error], [0, ""], ended.out);
        }
        ids = others;
      }
    },
  );
}

testWith(
  { read: true },
  "each driver has expected results of its name, and no file is left over",
  async () => {
    const files = await Array.fromAsync(Deno.readDir(EXPECTED));
    assertEquals(
      files.map(({ name }) => name).toSorted(),
      DRIVERS.map((driver) => driver.expected).toSorted(),
    );
    for (const { agent, expected } of DRIVERS) {
      const text = await Deno.readTextFile(new URL(expected, EXPECTED));
      assertEquals([...readExpected(text).keys()], [agent]);
    }
  },
);
