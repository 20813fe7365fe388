/**
 * Runs the service with thousands of clients that connect and disconnect, half of
 * them misbehaving, and checks every byte of the honest clients' echoes.
 *
 *     deno task soak --help
 *
 * @module
 */

import { runCommand } from "../../lib/config/arguments.ts";
import { Random } from "../fuzz/random.ts";
import { pause } from "../hostile/socket.ts";
import { startAll } from "../integration/support/suite.ts";
import { type Holdings, holdings } from "../process.ts";
import { HELP, readArguments, type SoakArguments } from "./arguments.ts";
import { runClient, runCompressedClient, type Tally } from "./honest_client.ts";
import { misbehave } from "./misbehaving_client.ts";

/** The growth of memory after the second minute that is accepted. */
const MAX_RATIO = 1.15;
const MAX_GROWTH = 32 * 2 ** 20;

/** Timers in addition to those of the start that are accepted. */
const MAX_TIMERS = 8;

const MINUTE = 60_000;

/** Milliseconds in which all clients connect, or a quarter of a short run. */
const RAMP = 30_000;

/** Milliseconds of a misbehaving client's connection, and between two, at most. */
const CONNECTED = 10_000;
const DISCONNECTED = 20_000;

async function soak(
  { minutes, connections, seed }: SoakArguments,
): Promise<number> {
  const end = minutes * MINUTE;
  const ramp = Math.min(RAMP, end / 4);
  const { WebSocket }: typeof import("ws-types") = await import("ws");
  const server = await startAll({
    LOG_LEVEL: "INFO",
    HANDSHAKE_RATE: "off",
    MAX_CONNECTIONS_PER_IP: "off",
    // All clients run in one process, which may be slow.
    HANDSHAKE_TIMEOUT: "30",
    IDLE_TIMEOUT: "120",
  });

  /** The number of the server's timers. */
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
      const plan = { url, rounds: 1 + random.below(20) };
      if (listener === "frame" && random.below(4) === 0) {
        await runCompressedClient(WebSocket, plan, random, tally, signal);
      } else {
        await runClient(plan, random, tally, signal);
      }
    }
  }

  async function misbehaving(random: Random, listener: string): Promise<void> {
    const target = { ...server.address(listener), path: "/ws" };
    await pause(random.below(ramp), signal);
    while (!signal.aborted) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(CONNECTED)]);
      await misbehave(target, random, limit);
      await pause(random.below(DISCONNECTED), signal);
    }
  }

  const clients = Array.from({ length: connections }, (_, i) => {
    const random = new Random(seed + i);
    const listener = i % 4 < 2 ? "edge" : "frame";
    return i % 2 === 0
      ? honest(random, listener)
      : misbehaving(random, listener);
  });

  const seen: Holdings[] = [];
  let messages = 0;
  let printed = 0;
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
    for (; printed < Math.min(tally.errors.length, 10); printed++) {
      console.log(`  ${tally.errors[printed]}`);
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
      ? "PASSED: no message lost or out of order, memory did not grow"
      : `FAILED:\n  ${faults.join("\n  ")}`,
  );
  // runCommand exits the process, which would not dispose of the server.
  await server[Symbol.asyncDispose]();
  return faults.length > 0 ? 1 : 0;
}

/** The number of closed connections by close code, from the server's log. */
function closeCodes(lines: readonly string[]): string {
  const codes = new Map<string, number>();
  for (const line of lines) {
    const code = / closed with (\d+)/.exec(line)?.[1];
    if (code !== undefined) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  return [...codes].map(([code, count]) => `${count} with ${code}`).join(", ");
}

/** A fault if memory has grown since the second minute. */
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
