/**
 * Attacks a server and prints, for each attack, the server's memory and files and
 * the response times of an honest client.
 *
 *     deno task attack --help
 *
 * @module
 */

import { runCommand } from "../../lib/config/arguments.ts";
import { startServer } from "../integration/support/server.ts";
import { type AttackArguments, help, readArguments } from "./arguments.ts";
import { ATTACKS } from "./attacks/attacks.ts";
import { appliesTo, type Attack, run, UNLIMITED } from "./attacks/attack.ts";
import { beHonest } from "./honest_client.ts";
import { holdings, Watch } from "../process.ts";
import {
  prepareOther,
  type ServerUnderAttack,
  startOther,
} from "./other_server.ts";

/** Milliseconds between the end of an attack and the last measurement. */
const REST = 3000;

async function startSelf(
  attack: Attack,
  listener: string,
): Promise<ServerUnderAttack> {
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

/** The reason why an attack does not apply, if there is one. */
function obstacle(
  attack: Attack,
  { listener, server }: AttackArguments,
): string | undefined {
  if (server !== undefined) {
    return attack.path === undefined ? undefined : "this service only";
  }
  return appliesTo(attack, listener)
    ? undefined
    : `${attack.listeners?.join()} listener only`;
}

/** Runs an attack on a separate server; returns a row of the table. */
async function row(
  attack: Attack,
  start: (attack: Attack) => Promise<ServerUnderAttack>,
  asked: AttackArguments,
): Promise<string> {
  const skipped = obstacle(attack, asked);
  if (skipped !== undefined) {
    return [attack.name, `skipped: ${skipped}`, ...Array(6).fill("")]
      .join(" | ");
  }
  const { seconds, clients = attack.clients } = asked;
  await using attacked = await start(attack);
  const { pid, target } = attacked;
  const { hostname, port } = target;
  const url = attack.honest === undefined
    ? `ws://${hostname}:${port}${target.path}`
    : `http://${hostname}:${port}${attack.honest}`;
  const before = await beHonest(url, Math.min(seconds, 2));
  const idle = await holdings(pid);
  const attacking = new AbortController();
  using watch = new Watch(pid);
  const attacks = run(attack, target, clients, attacking.signal);
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
    `${clients} × ${attack.name}`,
    mib(peak - idle.memory),
    after === undefined ? "crashed" : mib(after.memory - idle.memory),
    after === undefined ? "" : String(after.files - idle.files),
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

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args, ATTACKS.map(({ name }) => name));
  if (asked === "help") {
    console.log(help(ATTACKS.map(({ name }) => name)));
    return 0;
  }
  const { listener, server, seconds, attacks } = asked;
  const other = server === undefined ? undefined : await prepareOther(server);
  // Fails before the table begins if the command starts no server.
  if (other !== undefined) {
    await (await startOther(other))[Symbol.asyncDispose]();
  }
  const start = (attack: Attack) =>
    other === undefined ? startSelf(attack, listener) : startOther(other);
  const attacked = server === undefined
    ? `the ${listener} listener of this service`
    : `"${server}"`;
  console.log(`Attacks on ${attacked}, ${seconds} s each\n`);
  console.log(
    "| attack | growth | left after 3 s | files left | p99 before | p99 during | slowest during | echo of a new client |",
  );
  console.log(`|${" --- |".repeat(8)}`);
  for (const attack of ATTACKS) {
    if (!attacks.includes(attack.name)) continue;
    console.log(`| ${await row(attack, start, asked)} |`);
  }
  return 0;
}

if (import.meta.main) await runCommand("attack", main);
