/**
 * An honest client, as a process of its own and with an address of its own: it
 * sends, checks every byte that comes back, and takes the time of each answer.
 * Prints its figures as JSON.
 *
 *     deno run --allow-net --allow-env honest.ts ws://127.0.0.1:8000/ws 5
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** What an honest client has seen. */
export interface Experience {
  /** Answers that came. */
  readonly echoes: number;
  /** Milliseconds until the answer, of the median message. */
  readonly median: number;
  /** The same of 99 of 100 messages, at most. */
  readonly p99: number;
  /**
   * The same of every message, at most, and of the handshake and the close; of
   * the last one even without an answer.
   */
  readonly slowest: number;
  /** What went wrong, in a few words. */
  readonly fault?: string;
}

/** Milliseconds between two messages, unless the answer takes longer. */
const PACE = 4;

/** Milliseconds beyond its time that the client waits for an answer. */
const PATIENCE = 30_000;

/** Milliseconds beyond that until its process is ended. */
const GRACE = 10_000;

/** Payload bytes, one after the other. */
const SIZES = [0, 64, 64, 64, 64, 125, 126, 1000, 4096];

/**
 * The client's own address, so that it does not share the attackers' limits.
 * Other systems than Linux have one address on the loopback interface.
 */
export const HONEST_ADDRESS = Deno.build.os === "linux"
  ? "127.0.0.2"
  : "127.0.0.1";

/** One exchange after the other, on one connection. */
interface Exchanges {
  /** Waits until there may be exchanges. */
  open(): Promise<void>;
  /** Sends message `i` and waits for its answer. */
  exchange(i: number): Promise<void>;
  /** Ends the connection in order. */
  close(): Promise<void>;
}

/** Times exchanges until the time is over, or one fails. */
async function timed(
  exchanges: Exchanges,
  seconds: number,
  patience: number,
): Promise<Experience> {
  const times: number[] = [];
  let slowest = 0;
  let waits = "for the connection";
  let start = performance.now();
  using late = new Deadline(seconds * 1000 + patience);
  const step = async (act: () => Promise<void>) => {
    start = performance.now();
    await Promise.race([act(), late.passed]);
    const time = performance.now() - start;
    slowest = Math.max(slowest, time);
    return time;
  };
  try {
    await step(() => exchanges.open());
    const end = performance.now() + seconds * 1000;
    waits = "for an answer";
    for (let i = 0; performance.now() < end; i++) {
      const time = await step(() => exchanges.exchange(i));
      times.push(time);
      await new Promise((resolve) =>
        setTimeout(resolve, Math.max(PACE - time, 0))
      );
    }
    waits = "for the close";
    await step(() => exchanges.close());
    return figures(times, slowest);
  } catch (error) {
    const time = performance.now() - start;
    const what = error instanceof Error ? error.message : String(error);
    const when = `${times.length} answers and ${time.toFixed(0)} ms`;
    return {
      ...figures(times, Math.max(slowest, time)),
      fault: `${what} after ${when} ${waits}`,
    };
  }
}

/** A moment, unless it is disposed of before. */
class Deadline implements Disposable {
  /** Is rejected then. */
  readonly passed: Promise<never>;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(time: number) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.passed = promise;
    this.#timer = setTimeout(() => reject(new Error("nothing came")), time);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function figures(times: number[], slowest: number): Experience {
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1] ?? 0;
  return { echoes: times.length, median: at(0.5), p99: at(0.99), slowest };
}

/** Echoes of a WebSocket; by the ws package, which can choose its own address. */
async function echoes(url: string): Promise<Exchanges> {
  // It reads the environment, which tests that only import this module may not.
  const { WebSocket }: typeof import("ws-types") = await import("ws");
  const socket = new WebSocket(url, {
    localAddress: HONEST_ADDRESS,
    perMessageDeflate: false,
  });
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  opened.promise.catch(() => {});
  closed.promise.catch(() => {});
  let waiting = opened;
  let received: unknown;
  socket.on("open", () => opened.resolve());
  socket.on("message", (data) => {
    received = data;
    waiting.resolve();
  });
  socket.on("error", (error) => waiting.reject(error));
  socket.on("close", (code, reason) => {
    const error = new Error(`closed with ${code} ${reason}`.trim());
    waiting.reject(error);
    if (code === 1000) closed.resolve();
    else closed.reject(error);
  });
  return {
    open: () => opened.promise,
    async exchange(i) {
      waiting = Promise.withResolvers();
      waiting.promise.catch(() => {});
      if (socket.readyState !== socket.OPEN) throw new Error("closed");
      const payload = new Uint8Array(SIZES[i % SIZES.length]!).fill(i);
      socket.send(payload);
      await waiting.promise;
      if (!isEcho(received, payload)) throw new Error("a wrong echo");
    },
    async close() {
      socket.close(1000);
      await closed.promise;
    },
  };
}

function isEcho(received: unknown, sent: Uint8Array): boolean {
  return received instanceof Uint8Array &&
    Buffer.compare(received, sent) === 0;
}

/** HTTP requests that are answered with 200. */
function requests(url: string): Exchanges {
  const client = Deno.createHttpClient({ localAddress: HONEST_ADDRESS });
  return {
    open: () => Promise.resolve(),
    async exchange() {
      const response = await fetch(url, { client });
      await response.bytes();
      if (response.status !== 200) {
        throw new Error(`answered with ${response.status}`);
      }
    },
    close: () => Promise.resolve(),
  };
}

/**
 * Runs the client as a process.
 *
 * @param url `ws:` for echoes, `http:` for requests that are answered with 200
 * @param seconds how long
 * @param patience milliseconds beyond that for the last answer
 */
export async function beHonest(
  url: string,
  seconds: number,
  patience = PATIENCE,
): Promise<Experience> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--lock=tests/deno.lock",
      "--allow-net",
      "--allow-env",
      import.meta.filename!,
      url,
      String(seconds),
      String(patience),
    ],
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
    signal: AbortSignal.timeout(seconds * 1000 + patience + GRACE),
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  if (text !== "") return JSON.parse(text);
  throw new Error(decoder.decode(stderr) || "the honest client did not end");
}

if (import.meta.main) {
  const [url = "", seconds = "5", patience = PATIENCE] = Deno.args;
  const exchanges = url.startsWith("http:") ? requests(url) : await echoes(url);
  const seen = await timed(exchanges, Number(seconds), Number(patience));
  console.log(JSON.stringify(seen));
  Deno.exit();
}
