/**
 * An honest client with a separate process and address. It sends messages,
 * checks their echoes, measures the time of each and prints the figures as JSON.
 *
 *     deno run --allow-net --allow-env honest_client.ts ws://127.0.0.1:8000/ws 5
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** The figures of an honest client; times in milliseconds. */
export interface Experience {
  /** Number of answers. */
  readonly echoes: number;
  /** The median time of an answer. */
  readonly median: number;
  /** The 99th percentile. */
  readonly p99: number;
  /**
   * The longest time of an answer, the handshake or the close; also of an answer
   * that did not come.
   */
  readonly slowest: number;
  /** The fault, if there was one. */
  readonly fault?: string;
}

/** Milliseconds between two messages, or more if the answer takes longer. */
const PACE = 4;

/** Milliseconds to wait for the last answer. */
const ANSWER_TIMEOUT = 30_000;

/** Milliseconds after that until the process is killed. */
const GRACE = 10_000;

/** Payload lengths, in turn. */
const SIZES = [0, 64, 64, 64, 64, 125, 126, 1000, 4096];

/**
 * The client's address. On Linux it differs from the attackers' address, so that
 * the client does not share their limits.
 */
export const HONEST_ADDRESS = Deno.build.os === "linux"
  ? "127.0.0.2"
  : "127.0.0.1";

/** Exchanges on one connection. */
interface Exchanges {
  /** Waits until the connection is open. */
  open(): Promise<void>;
  /** Sends message `i` and waits for its answer. */
  exchange(i: number): Promise<void>;
  /** Closes the connection. */
  close(): Promise<void>;
}

/** Measures exchanges for some seconds, or until one fails. */
async function timed(
  exchanges: Exchanges,
  seconds: number,
  timeout: number,
): Promise<Experience> {
  const times: number[] = [];
  let slowest = 0;
  let waits = "for the connection";
  let start = performance.now();
  using deadline = new Deadline(seconds * 1000 + timeout);
  const step = async (act: () => Promise<void>) => {
    start = performance.now();
    await Promise.race([act(), deadline.passed]);
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

/** A deadline; disposal cancels it. */
class Deadline implements Disposable {
  /** Rejects at the deadline. */
  readonly passed: Promise<never>;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(time: number) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.passed = promise;
    this.#timer = setTimeout(() => reject(new Error("timeout")), time);
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

/** Messages and echoes; the ws package can choose its local address. */
async function echoes(url: string): Promise<Exchanges> {
  // ws reads the environment when it is loaded.
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

/** HTTP requests and answers with 200. */
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
 * @param seconds duration
 * @param timeout milliseconds to wait for the last answer
 */
export async function beHonest(
  url: string,
  seconds: number,
  timeout = ANSWER_TIMEOUT,
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
      String(timeout),
    ],
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
    signal: AbortSignal.timeout(seconds * 1000 + timeout + GRACE),
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  if (text !== "") return JSON.parse(text);
  throw new Error(decoder.decode(stderr) || "the honest client was killed");
}

if (import.meta.main) {
  const [url = "", seconds = "5", timeout = ANSWER_TIMEOUT] = Deno.args;
  const exchanges = url.startsWith("http:") ? requests(url) : await echoes(url);
  const seen = await timed(exchanges, Number(seconds), Number(timeout));
  console.log(JSON.stringify(seen));
  Deno.exit();
}
