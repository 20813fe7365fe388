/**
 * Attacks a server and prints, for each attack, what it costs the server and
 * what an honest client notices of it.
 *
 *     deno task attack --help
 *
 * @module
 */

import { runCommand } from "../../lib/arguments.ts";
import { startServer } from "../integration/server.ts";
import { type AttackArguments, help, readArguments } from "./arguments.ts";
import { type Attack, ATTACKS, run } from "./attacks.ts";
import { beHonest, type Experience } from "./honest.ts";
import { holdings, Watch } from "./process.ts";
import { prepareRival, startRival, type Victim } from "./rivals.ts";

/** Milliseconds that a server has to recover before it is looked at. */
const REST = 3000;

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

/** Runs one attack on a server of its own; returns a row of the table. */
async function row(
  attack: Attack,
  start: () => Promise<Victim>,
  { seconds, peers = attack.peers }: AttackArguments,
): Promise<string> {
  await using victim = await start();
  const { pid, target } = victim;
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

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args, ATTACKS.map(({ name }) => name));
  if (asked === "help") {
    console.log(help(ATTACKS.map(({ name }) => name)));
    return 0;
  }
  const { listener, server, seconds, attacks } = asked;
  const rival = server === undefined ? undefined : await prepareRival(server);
  // A command that starts no server is found before anything is printed.
  if (rival !== undefined) {
    await (await startRival(rival))[Symbol.asyncDispose]();
  }
  const start = () =>
    rival === undefined ? startSelf(listener) : startRival(rival);
  const victim = server === undefined
    ? `the ${listener} listener of this service`
    : `"${server}"`;
  console.log(`Attacks on ${victim}, ${seconds} s each\n`);
  console.log(
    "| attack | growth | left after 3 s | files left | p99 before | p99 during | newcomer's echo |",
  );
  console.log(`|${" --- |".repeat(7)}`);
  for (const attack of ATTACKS) {
    if (!attacks.includes(attack.name)) continue;
    console.log(`| ${await row(attack, start, asked)} |`);
  }
  return 0;
}

if (import.meta.main) await runCommand("attack", main);
