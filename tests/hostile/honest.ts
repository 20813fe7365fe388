/**
 * An honest client, as a process of its own: it sends, checks every byte that
 * comes back, and takes the time of each echo. Prints its figures as JSON.
 *
 *     deno run --allow-net honest.ts ws://127.0.0.1:8000/ws 5
 *
 * @module
 */

import { ClientConnection } from "../../lib/client/connection.ts";

/** What an honest client has seen. */
export interface Experience {
  /** Messages that came back. */
  readonly echoes: number;
  /** Milliseconds until the echo, of the median message. */
  readonly median: number;
  /** The same of 99 of 100 messages, at most. */
  readonly p99: number;
  /** The same of every message, at most. */
  readonly slowest: number;
}

/** Milliseconds between two messages, unless the echo takes longer. */
const PACE = 4;

/** Milliseconds beyond its time that the client may take before it is ended. */
const PATIENCE = 30_000;

/** Payload bytes, one after the other. */
const SIZES = [0, 64, 64, 64, 64, 125, 126, 1000, 4096];

/**
 * Echoes for a while.
 *
 * @param url where to
 * @param seconds how long
 * @throws an echo that is not what was sent, or none
 */
export async function echo(url: string, seconds: number): Promise<Experience> {
  using client = await ClientConnection.open(url);
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let i = 0; performance.now() < end; i++) {
    const payload = new Uint8Array(SIZES[i % SIZES.length]!).fill(i);
    const start = performance.now();
    await client.send("binary", payload);
    const message = await client.dataOrClose();
    const time = performance.now() - start;
    if (!isEcho(message?.payload, payload)) {
      throw new Error(`message ${i} came back as ${JSON.stringify(message)}`);
    }
    times.push(time);
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(PACE - time, 0))
    );
  }
  await client.sendClose(1000);
  const goodbye = await client.message();
  if (goodbye?.opcode !== "close") throw new Error("no CLOSE at the end");
  return figures(times);
}

function isEcho(received: Uint8Array | undefined, sent: Uint8Array): boolean {
  return received?.length === sent.length &&
    received.every((byte, i) => byte === sent[i]);
}

function figures(times: number[]): Experience {
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1] ?? 0;
  return {
    echoes: times.length,
    median: at(0.5),
    p99: at(0.99),
    slowest: at(1),
  };
}

/**
 * Runs the client as a process.
 *
 * @param url where to
 * @param seconds how long
 */
export async function beHonest(
  url: string,
  seconds: number,
): Promise<Experience> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", import.meta.filename!, url, String(seconds)],
    stdin: "null",
    signal: AbortSignal.timeout(seconds * 1000 + PATIENCE),
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) {
    throw new Error(decoder.decode(stderr) || "it waited in vain");
  }
  return JSON.parse(decoder.decode(stdout));
}

if (import.meta.main) {
  const [url = "", seconds = "5"] = Deno.args;
  console.log(JSON.stringify(await echo(url, Number(seconds))));
}
