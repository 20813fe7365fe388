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
import { runDeno } from "../../program.ts";
import { type Driver, DRIVERS } from "./drivers.ts";

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
 * The cases that differ from the file. Whether a client answers a message before it sees
 * the error behind it (OK) or not (NON-STRICT) depends on timing, so both are the same
 * here; a version that the test does not install may pass more cases.
 */
function differing(
  index: Readonly<Record<string, Verdicts>>,
  expected: ExpectedResults,
  { agent, isPinned }: Driver,
): string[] {
  const listed = expected.get(agent);
  return Object.entries(index).filter(([id, verdicts]) => {
    const wanted = listed?.get(id) ?? PASSED;
    return !areEqual(verdicts, wanted) &&
      !(!isPinned && areEqual(verdicts, PASSED));
  }).map(([id, { behavior, behaviorClose }]) =>
    `${id}: ${behavior}, end ${behaviorClose}`
  );
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
      const file = new URL(expected, EXPECTED);
      const out = await Deno.makeTempDir();
      const exclude = EXCLUDED[agent];
      try {
        const words = config.tasks.conformance.command.split(" ").slice(1);
        const ended = await runDeno([
          ...words,
          ...["--driver", command.command, "--cases", CASES],
          ...(exclude === undefined ? [] : ["--exclude", exclude]),
          ...["--expect", file.pathname, "--out", out],
        ], command.env);
        assertEquals([ended.code, ended.error], [0, ""], ended.out);
        const index = JSON.parse(await Deno.readTextFile(`${out}/index.json`));
        assertEquals(Object.keys(index), [agent]);
        const cases = selectCases({
          cases: splitPatterns(CASES),
          ...(exclude !== undefined && { exclude: splitPatterns(exclude) }),
        });
        assertEquals(
          Object.keys(index[agent]).toSorted(),
          cases.map(({ id }) => id).toSorted(),
        );
        const listed = readExpected(await Deno.readTextFile(file));
        assertEquals(differing(index[agent], listed, driver), []);
      } finally {
        await Deno.remove(out, { recursive: true });
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
