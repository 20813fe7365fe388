import { assertEquals } from "@std/assert";
import { isInstalled } from "../../installed.ts";
import { permitted } from "../../permissions.ts";
import { NEEDS, startAll } from "../../integration/support/suite.ts";
import { CLIENTS, JUDGED, reactionsOf } from "./reactions.ts";
import expected from "./expected.json" with { type: "json" };

const TABLE: Readonly<Record<string, Readonly<Record<string, string>>>> =
  expected.reactions;

/** Versions of the clients that the table is for; others may react differently. */
const VERSIONS: Readonly<Record<string, string>> = expected.versions;

/** Writes the table in place of the comparison. */
const UPDATE = "UPDATE_REACTIONS";

for (const client of CLIENTS) {
  const { name } = client;
  const obstacle = await obstacleOf(name);
  Deno.test({
    name: `${name} reacts to the named plans as the table says` +
      (obstacle === undefined ? "" : ` (ignored: ${obstacle})`),
    ignore: obstacle !== undefined,
    async fn() {
      await using server = await startAll({});
      const found = await reactionsOf(server, client);
      if (Deno.env.get(UPDATE)) return await update(name, found);
      assertEquals(found, TABLE[name]);
    },
  });
}

Deno.test("the table of reactions has every named plan that is judged", () => {
  for (const reactions of Object.values(TABLE)) {
    assertEquals(Object.keys(reactions), JUDGED);
  }
});

/** The reason why a client cannot be compared with the table. */
async function obstacleOf(name: string): Promise<string | undefined> {
  const denied = (Object.keys(NEEDS) as (keyof typeof NEEDS)[])
    .filter((name) => !permitted({ name }));
  if (denied.length > 0) {
    return `needs ${denied.map((name) => `--allow-${name}`).join(" ")}`;
  }
  if (name === "undici" && !isInstalled("node", "--version")) return "no node";
  const version = await versionOf(name);
  if (version === VERSIONS[name] || Deno.env.get(UPDATE)) return undefined;
  return `the table is for ${VERSIONS[name]}, not for ${version}`;
}

async function versionOf(name: string): Promise<string> {
  if (name === "Deno") return Deno.version.deno;
  // The version of ws is locked.
  if (name === "ws") return VERSIONS.ws!;
  const { stdout } = await new Deno.Command("node", {
    args: ["-p", "process.versions.undici"],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function update(
  name: string,
  found: Readonly<Record<string, string>>,
): Promise<void> {
  const file = new URL("expected.json", import.meta.url);
  const table = JSON.parse(await Deno.readTextFile(file));
  table.reactions[name] = found;
  table.versions[name] = await versionOf(name);
  await Deno.writeTextFile(file, `${JSON.stringify(table, undefined, 2)}\n`);
}
