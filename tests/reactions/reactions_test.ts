import { assertEquals } from "@std/assert";
import { FAULTS } from "../../handlers/script/faults/table.ts";
import type { Server } from "../integration/support/server.ts";
import { startAll } from "../integration/support/suite.ts";
import { IS_LONG } from "../long.ts";
import { permitted } from "../permissions.ts";
import { type Client, CLIENTS } from "./clients.ts";
import { type Cell, cellOf, EXPECTED, record, SLOW_FROM } from "./expected.ts";
import { LIMIT, QUICK, SLOW, SLOW_LIMIT } from "./plan.ts";
import { reactionsOf, SERVICE } from "./react.ts";

const PERMISSIONS = ["read", "write", "net", "run", "env", "sys"] as const;

const missing = PERMISSIONS.filter((name) => !permitted({ name }));

const needs = missing.length === 0
  ? ""
  : ` (ignored: needs ${missing.map((name) => `--allow-${name}`).join(" ")})`;

/** Whether the reactions are recorded instead of compared. */
const IS_UPDATE = needs === "" && Deno.env.get("UPDATE_REACTIONS") === "1";

/** The plans of this run, and the time that a client has for each. */
const [plans, limit] = IS_LONG ? [SLOW, SLOW_LIMIT] : [QUICK, LIMIT];

/** Registers a test that may start the clients' programs. */
function test(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  Deno.test({
    name: `${name}${needs}`,
    ignore: needs !== "",
    // playwright-core keeps a pipe to the browser open.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

if (IS_LONG) {
  test("clients react to the slow plans as expected.json says", async (t) => {
    const names = Object.keys(CLIENTS);
    const outcomes = await Promise.all(names.map(runPlan));
    for (const [i, name] of names.entries()) await tell(t, name, outcomes[i]!);
  });
} else {
  for (const name of Object.keys(CLIENTS)) {
    test(
      `${name} reacts to the named plans as expected.json says`,
      async (t) => await tell(t, name, await runPlan(name)),
    );
  }
}

/**
 * Attempts of a plan. On a busy machine a client may take longer than its time, or than
 * that of the verdict; a client that reacts in another way does so in each attempt.
 */
const ATTEMPTS = 4;

/** What a run shows: cells, or the reason why there are none. */
type Outcome =
  | { readonly version: string; readonly cells: Record<string, Cell> }
  | { readonly ignored: string };

/** Runs the plans against a client. */
async function runPlan(name: string): Promise<Outcome> {
  await using server = await startAll(SERVICE);
  const page = server.url("edge", "/healthz").replace("ws:", "http:");
  const client = await CLIENTS[name]!(page);
  if (typeof client === "string") return { ignored: client };
  const { version, reactions = {} } = EXPECTED[name] ?? {};
  if (!IS_UPDATE && client.version !== version) {
    const ignored = `${version} is recorded, ${client.version} is installed`;
    return { ignored };
  }
  const cells = await cellsOf(client, server, plans);
  for (let again = 1; again < ATTEMPTS && !IS_UPDATE; again++) {
    const others = plans.filter((plan) =>
      !isSame(cells[plan]!, reactions[plan])
    );
    if (others.length === 0) break;
    Object.assign(cells, await cellsOf(client, server, others));
  }
  return { version: client.version, cells };
}

async function cellsOf(
  client: Client,
  server: Server,
  names: readonly string[],
): Promise<Record<string, Cell>> {
  const reactions = await reactionsOf(client, server, names, limit);
  return Object.fromEntries(
    names.map((name) => [name, cellOf(reactions[name]!, IS_LONG)]),
  );
}

/** Compares the cells with the expected ones, or records them. */
async function tell(
  t: Deno.TestContext,
  name: string,
  outcome: Outcome,
): Promise<void> {
  if ("ignored" in outcome) {
    await t.step({
      name: `${name} (ignored: ${outcome.ignored})`,
      ignore: true,
      fn() {},
    });
    return;
  }
  const { version, cells } = outcome;
  if (IS_UPDATE) return await record(name, version, cells, [...FAULTS.keys()]);
  const { reactions } = EXPECTED[name]!;
  const others = plans.filter((plan) => !isSame(cells[plan]!, reactions[plan]));
  const pick = (from: Readonly<Record<string, Cell>>) =>
    Object.fromEntries(others.map((plan) => [plan, from[plan]]));
  assertEquals(pick(cells), pick(reactions));
}

/** Seconds by which a time may be shorter than recorded, or longer on a busy machine. */
const EARLY = 4;
const LATE = 10;

function isSame(is: Cell, expected: Cell = {}): boolean {
  const { seconds: time, ...cell } = is;
  const { seconds: expectedTime = 0, ...expectedCell } = expected;
  // Only times from SLOW_FROM on are recorded.
  return JSON.stringify(cell) === JSON.stringify(expectedCell) &&
    (time ?? SLOW_FROM) >= expectedTime - EARLY &&
    (time ?? 0) <= expectedTime + LATE;
}
