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
import { type Attack, ATTACKS, run } from "./attacks.ts";
import { beHonest, type Experience } from "./honest.ts";
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

/** The limits of an address would end most attacks before they begin. */
const UNLIMITED = {
  HANDSHAKE_RATE: "off",
  MAX_CONNECTIONS_PER_IP: "off",
};

async function startSelf(listener: string): Promise<Victim> {
  const server = await startServer({ ...UNLIMITED, LOG_LEVEL: "INFO" }, {
    listeners: ["edge", "frame"],
  });
  return {
    pid: server.pid,
    target: { ...server.address(listener), path: "/ws" },
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

function start(): Promise<Victim> {
  return options.server === undefined
    ? startSelf(options.listener)
    : startOther(options.server);
}

/** Runs one attack on a server of its own; returns a row of the table. */
async function row(attack: Attack): Promise<string> {
  await using victim = await start();
  const { pid, target } = victim;
  const seconds = Number(options.seconds);
  const peers = Number(options.peers ?? attack.peers);
  const url = `ws://${target.hostname}:${target.port}${target.path}`;
  const before = await beHonest(url, Math.min(seconds, 2));
  const quiet = await holdings(pid);
  const attacking = new AbortController();
  using watch = new Watch(pid);
  const attacks = run(attack, target, peers, attacking.signal);
  let during: Experience | string;
  try {
    during = await beHonest(url, seconds);
  } catch (error) {
    during = String(error).split("\n").at(0) ?? "";
  }
  attacking.abort();
  await attacks;
  const ended = performance.now();
  const recovered = await beHonest(url, 0.1).then(
    () => `${Math.round(performance.now() - ended)} ms`,
    () => "never",
  );
  await new Promise((resolve) => setTimeout(resolve, REST));
  const peak = await watch.end();
  const after = await holdings(pid).catch(() => undefined);
  return [
    `${peers} × ${attack.name}`,
    mib(peak - quiet.memory),
    after === undefined ? "it died" : mib(after.memory - quiet.memory),
    after === undefined ? "" : String(after.files - quiet.files),
    ms(before),
    ms(during),
    recovered,
  ].join(" | ");
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

function ms(experience: Experience | string): string {
  return typeof experience === "string"
    ? experience
    : `${experience.p99.toFixed(1)} ms`;
}

console.log(
  "| attack | growth | left after 3 s | files left | p99 before | p99 during | newcomer's echo |",
);
console.log(`|${" --- |".repeat(7)}`);
const chosen = ATTACKS.filter(({ name }) =>
  names.length === 0 || names.some((word) => name.includes(word))
);
for (const attack of chosen) console.log(`| ${await row(attack)} |`);
