import { isInstalled } from "../installed.ts";
import { permitted } from "../permissions.ts";
import { LISTENERS, NEEDS, startAll } from "../integration/support/suite.ts";
import { within } from "../integration/support/within.ts";
import { CASES, check, failAll, type Plan, planOf, type Seen } from "./plan.ts";

/** Debian's Python, with its package python3-websocket. */
const PYTHON = "/usr/bin/python3";

const unmet = missing();

for (const listener of LISTENERS) {
  const { name } = listener;
  const title =
    `${name} listener: behaviour on request with Python's websocket-client`;
  Deno.test({
    name: unmet === undefined ? title : `${title} (ignored: ${unmet})`,
    ignore: unmet !== undefined,
    async fn() {
      await using server = await startAll({});
      const frameBase = server.url("frame", "/ws");
      const base = server.url(name, "/ws");
      const seen = await carryOut(CASES.map((it) => planOf(it, name, base)));
      failAll(CASES, (it, i) => check(it, listener, seen[i]!, frameBase));
    },
  });
}

/** Carries out plans with websocket-client. */
async function carryOut(plans: readonly Plan[]): Promise<Seen[]> {
  const script = new URL("client.py", import.meta.url);
  const child = new Deno.Command(PYTHON, {
    args: [script.pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(plans)));
  await writer.close();
  const ended = within(output, "the client").catch((error) => {
    child.kill("SIGKILL");
    throw error;
  });
  const { success, stdout, stderr } = await ended;
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Describes a missing permission or package. */
function missing(): string | undefined {
  const names = Object.keys(NEEDS) as (keyof typeof NEEDS)[];
  const denied = names.filter((name) => !permitted({ name }));
  if (denied.length > 0) {
    return `needs ${denied.map((name) => `--allow-${name}`).join(" ")}`;
  }
  if (isInstalled(PYTHON, "-c", "import websocket")) return undefined;
  return `no websocket-client in ${PYTHON}: apt-get install python3-websocket`;
}
