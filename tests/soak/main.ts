/**
 * Runs the service for a while under thousands of connections that come and go,
 * half of them rude, and checks every byte that an honest client gets back.
 *
 *     deno task soak --help
 *
 * @module
 */

import { runCommand } from "../../lib/config/arguments.ts";
import { Random } from "../fuzz/random.ts";
import { type Holdings, holdings } from "../process.ts";
import { pause } from "../hostile/socket.ts";
import { startServer } from "../integration/support/server.ts";
import { HELP, readArguments, type SoakArguments } from "./arguments.ts";
import { type Tally, visit, visitCompressed } from "./honest_client.ts";
import { beRude } from "./misbehaving_client.ts";

/** How much memory may grow after the second minute. */
const MAX_RATIO = 1.15;
const MAX_GROWTH = 32 * 2 ** 20;

/** Timers that may be left beside those of the start: none is a connection's. */
const MAX_TIMERS = 8;

const MINUTE = 60_000;

/** Milliseconds in which all clients come; a short run gives a quarter to that. */
const RAMP = 30_000;

/** Milliseconds that a rude client stays, and is away, at most. */
const RUDE_STAY = 10_000;
const RUDE_PAUSE = 20_000;

async function soak(
  { minutes, connections, seed }: SoakArguments,
): Promise<number> {
  const end = minutes * MINUTE;
  const ramp = Math.min(RAMP, end / 4);
  const { WebSocket }: typeof import("ws-types") = await import("ws");
  const server = await startServer({
    LOG_LEVEL: "INFO",
    HANDSHAKE_RATE: "off",
    MAX_CONNECTIONS_PER_IP: "off",
    // All clients are one process, which may be slow.
    HANDSHAKE_TIMEOUT: "30",
    IDLE_TIMEOUT: "120",
  }, { listeners: ["edge", "frame"] });

  /** Timers that the server has set. */
  async function timers(): Promise<number> {
    const response = await fetch(
      server.url("edge", "/metrics").replace("ws:", "http:"),
    );
    const text = await response.text();
    const count = /^websocket_server_timers (\d+)$/m.exec(text)?.[1];
    if (count === undefined) throw new Error(`no number of timers: ${text}`);
    return Number(count);
  }

  const timersBefore = await timers();
  const [edge, frame] = ["edge", "frame"].map((listener) =>
    server.url(listener, "/ws")
  );
  console.log(
    `seed ${seed}: ${connections} clients for ${minutes} min, ` +
      `half on the edge listener (${edge}), half on the frame listener (${frame})`,
  );
  const tally: Tally = { connections: 0, messages: 0, bytes: 0, errors: [] };
  const over = new AbortController();
  const { signal } = over;
  Deno.addSignalListener("SIGINT", () => over.abort());
  Deno.addSignalListener("SIGTERM", () => over.abort());

  async function honest(random: Random, listener: string): Promise<void> {
    const url = server.url(listener, "/ws");
    await pause(random.below(ramp), signal);
    while (!signal.aborted) {
      const stay = { url, rounds: 1 + random.below(20) };
      if (listener === "frame" && random.below(4) === 0) {
        await visitCompressed(WebSocket, stay, random, tally, signal);
      } else {
        await visit(stay, random, tally, signal);
      }
    }
  }

  async function rude(random: Random, listener: string): Promise<void> {
    const target = { ...server.address(listener), path: "/ws" };
    await pause(random.below(ramp), signal);
    while (!signal.aborted) {
      const stay = AbortSignal.any([signal, AbortSignal.timeout(RUDE_STAY)]);
      await beRude(target, random, stay);
      await pause(random.below(RUDE_PAUSE), signal);
    }
  }

  const clients = Array.from({ length: connections }, (_, i) => {
    const random = new Random(seed + i);
    const listener = i % 4 < 2 ? "edge" : "frame";
    return i % 2 === 0 ? honest(random, listener) : rude(random, listener);
  });

  const seen: Holdings[] = [];
  let messages = 0;
  let told = 0;
  for (let time = 0; time < end;) {
    const step = Math.min(MINUTE, end - time);
    time += step;
    await pause(step, signal);
    if (signal.aborted) break;
    const now = await holdings(server.pid);
    seen.push(now);
    console.log(
      `minute ${time / MINUTE}: ${tally.connections} honest connections, ` +
        `${tally.messages - messages} messages, ` +
        `${tally.errors.length} errors, ` +
        `${mib(now.memory)} resident, ${now.files} open files, ` +
        `${await timers()} timers`,
    );
    messages = tally.messages;
    for (; told < Math.min(tally.errors.length, 10); told++) {
      console.log(`  ${tally.errors[told]}`);
    }
  }
  over.abort();
  await Promise.all(clients);
  await pause(2000, AbortSignal.timeout(2000));
  const left = await holdings(server.pid);
  const timersLeft = await timers();
  console.log(
    `at the end: ${tally.messages} messages, ${mib(tally.bytes)} checked, ` +
      `${mib(left.memory)} resident, ${left.files} open files, ` +
      `${timersLeft} timers`,
  );

  const warnings = server.lines.filter((line) => /^[WE] /.test(line));
  for (const line of warnings.slice(0, 10)) console.log(`  ${line}`);
  console.log(`the server closed ${closeCodes(server.lines)}`);
  const faults = [
    ...tally.errors.slice(0, 10),
    ...memoryFaults(seen),
  ];
  if (timersLeft > timersBefore + MAX_TIMERS) {
    faults.push(
      `${timersLeft} timers are left, of ${timersBefore} at the start`,
    );
  }
  if (tally.messages === 0) faults.push("no message came back");
  console.log(
    faults.length === 0
      ? "PASSED: nothing lost, nothing out of order, memory flat"
      : `FAILED:\n  ${faults.join("\n  ")}`,
  );
  // The signals' listeners would keep the process.
  await server[Symbol.asyncDispose]();
  return faults.length > 0 ? 1 : 0;
}

/** How many connections the server closed with which code, by its log. */
function closeCodes(lines: readonly string[]): string {
  const codes = new Map<string, number>();
  for (const line of lines) {
    const code = / closed with (\d+)/.exec(line)?.[1];
    if (code !== undefined) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  return [...codes].map(([code, count]) => `${count} with ${code}`).join(", ");
}

/** Whether memory has grown since the second minute, in words. */
function memoryFaults(seen: readonly Holdings[]): string[] {
  const second = seen[1]?.memory;
  const last = seen.at(-1)?.memory;
  if (second === undefined || last === undefined || seen.length < 3) return [];
  const hasGrown = last > second * MAX_RATIO && last > second + MAX_GROWTH;
  return hasGrown ? [`memory grew from ${mib(second)} to ${mib(last)}`] : [];
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked !== "help") return await soak(asked);
  console.log(HELP.trimEnd());
  return 0;
}

if (import.meta.main) await runCommand("soak", main);
