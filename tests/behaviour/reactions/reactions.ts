/**
 * How clients react to the named plans, by the verdict of the journal.
 *
 * @module
 */

import { FAULTS } from "../../../handlers/script/faults/table.ts";
import type { Server } from "../../integration/support/server.ts";

/** The result of the rule `fault-reaction`. */
export type Reaction = "passed" | "failed" | "not tested";

/** A client, and the command that runs `client.mjs` with it. */
export interface Client {
  /** Its name in the table. */
  readonly name: string;
  /** The program. */
  readonly program: string;
  /** Its arguments in front of the URLs. */
  readonly args: readonly string[];
}

const SCRIPT = new URL("client.mjs", import.meta.url).pathname;

const DENO = ["run", "-A", "--no-check", "--lock=tests/deno.lock"];

/** The clients. */
export const CLIENTS: readonly Client[] = [
  { name: "ws", program: Deno.execPath(), args: [...DENO, SCRIPT, "ws"] },
  {
    name: "undici",
    program: "node",
    // Needed by Node 20 and 21.
    args: ["--experimental-websocket", SCRIPT, "runtime"],
  },
  {
    name: "Deno",
    program: Deno.execPath(),
    args: [...DENO, SCRIPT, "runtime"],
  },
];

/** The named plans whose reaction is judged. */
export const JUDGED: readonly string[] = [...FAULTS.values()]
  .filter(({ expects }) => expects !== undefined)
  .map(({ name }) => name);

/**
 * Lets a client connect to every named plan, and reads the verdicts.
 *
 * @param server the service
 * @param client to run
 */
export async function reactionsOf(
  server: Server,
  client: Client,
): Promise<Record<string, Reaction>> {
  const journal = (fault: string) => `${client.name}-${fault}`;
  const urls = JUDGED.map((fault) =>
    server.url("frame", `/fault/${fault}?journal=${journal(fault)}`)
  );
  await new Deno.Command(client.program, {
    args: [...client.args, JSON.stringify(urls)],
    cwd: new URL("../../../", import.meta.url),
    stdout: "null",
    stderr: "null",
  }).output();
  const found = JUDGED.map(async (fault) =>
    [fault, await reactionIn(server, journal(fault))] as const
  );
  return Object.fromEntries(await Promise.all(found));
}

async function reactionIn(server: Server, journal: string): Promise<Reaction> {
  const url = server.url("edge", `/journal/${journal}?wait=closed&format=json`);
  const response = await fetch(url.replace("ws:", "http:"));
  const { connections } = await response.json();
  const rules: { readonly id: string; readonly status: Reaction }[] =
    connections[0].verdict.rules;
  return rules.find(({ id }) => id === "fault-reaction")!.status;
}
