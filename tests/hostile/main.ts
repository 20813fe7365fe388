/**
 * Attacks a server and prints, for each attack, what it costs the server and
 * what an honest client notices of it.
 *
 *     deno task attack [--listener edge|frame] [--server COMMAND] [--seconds 5]
 *       [--peers N] [words of an attack's name]
 *
 * Without `--server` it attacks this service. Another server's command has to
 * print `port N` first; it is attacked at `/ws`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { startServer } from "../integration/server.ts";
import { ATTACKS } from "./attacks.ts";
import { appliesTo, type Attack, run, UNLIMITED } from "./attacks/attack.ts";
import { beHonest } from "./honest.ts";
import { holdings, Watch } from "./process.ts";
import type { Target } from "./socket.ts";

/** A server under attack. */
interface Victim extends AsyncDisposable {
  readonly pid: number;
  readonly target: Target;
}

/** Milliseconds that a server has to recover before it is looked at. */
const REST = 3000;

const { values: options, positionals: names } = parseArgs({
  options: {
    listener: { type: "string", default: "frame" },
    server: { type: "string" },
    seconds: { type: "string", default: "5" },
    peers: { type: "string" },
  },
  allowPositionals: true,
});

async function startSelf(attack: Attack, listener: string): Promise<Victim> {
  const { env = UNLIMITED, readsLog = true } = attack;
  const server = await startServer({ ...env, LOG_LEVEL: "INFO" }, {
    listeners: ["edge", "frame"],
  });
  if (!readsLog) server.stopReading();
  return {
    pid: server.pid,
    target: {
      ...server.address(listener),
      path: "/ws",
      http: server.address("edge"),
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function startOther(command: string): Promise<Victim> {
  const [program = "", ...args] = command.split(" ");
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  for await (const text of lines.values({ preventCancel: true })) {
    const port = /port (\d+)/.exec(text)?.[1];
    if (port === undefined) continue;
    const reading = lines.pipeTo(new WritableStream()).catch(() => {});
    return {
      pid: child.pid,
      target: { hostname: "127.0.0.1", port: Number(port), path: "/ws" },
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await child.status;
        await reading;
      },
    };
  }
  throw new Error(`${command} ended without "port N"`);
}

function start(attack: Attack): Promise<Victim> {
  return options.server === undefined
    ? startSelf(attack, options.listener)
    : startOther(options.server);
}

/** Why an attack does not apply to what is attacked, if it does not. */
function obstacle(attack: Attack): string | undefined {
  if (options.server !== undefined) {
    return attack.path === undefined ? undefined : "this service only";
  }
  return appliesTo(attack, options.listener)
    ? undefined
    : `${attack.listeners?.join()} listener only`;
}

/** Runs one attack on a server of its own; returns a row of the table. */
async function row(attack: Attack): Promise<string> {
  const skipped = obstacle(attack);
  if (skipped !== undefined) {
    return [attack.name, `skipped: ${skipped}`, ...Array(6).fill("")]
      .join(" | ");
  }
  await using victim = await start(attack);
  const { pid, target } = victim;
  const seconds = Number(options.seconds);
  const peers = Number(options.peers ?? attack.peers);
  const { hostname, port } = target;
  const url = attack.honest === undefined
    ? `ws://${hostname}:${port}${target.path}`
    : `http://${hostname}:${port}${attack.honest}`;
  const before = await beHonest(url, Math.min(seconds, 2));
  const quiet = await holdings(pid);
  const attacking = new AbortController();
  using watch = new Watch(pid);
  const attacks = run(attack, target, peers, attacking.signal);
  const during = await beHonest(url, seconds);
  attacking.abort();
  await attacks;
  const ended = performance.now();
  const { fault } = await beHonest(url, 0.1);
  const recovered = performance.now() - ended;
  await new Promise((resolve) => setTimeout(resolve, REST));
  const peak = await watch.end();
  const after = await holdings(pid).catch(() => undefined);
  return [
    `${peers} × ${attack.name}`,
    mib(peak - quiet.memory),
    after === undefined ? "it died" : mib(after.memory - quiet.memory),
    after === undefined ? "" : String(after.files - quiet.files),
    ms(before.p99),
    ms(during.p99),
    ms(during.slowest) +
    (during.fault === undefined ? "" : `: ${during.fault}`),
    fault === undefined ? `${recovered.toFixed(0)} ms` : "never",
  ].join(" | ");
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

function ms(time: number): string {
  return `${time.toFixed(1)} ms`;
}

console.log(
  "| attack | growth | left after 3 s | files left | p99 before | p99 during | slowest during | newcomer's echo |",
);
console.log(`|${" --- |".repeat(8)}`);
const chosen = ATTACKS.filter(({ name }) =>
  names.length === 0 || names.some((word) => name.includes(word))
);
for (const attack of chosen) console.log(`| ${await row(attack)} |`);
