/**
 * Debian's Redis server as a separate process.
 *
 * @module
 */

import { freePort } from "../../free_port.ts";
import { testWith } from "../../permissions.ts";
import { NEEDS } from "./suite.ts";
import { within } from "./within.ts";

const REDIS = "/usr/bin/redis-server";

/** A running Redis server; disposal kills it. */
export interface Redis extends AsyncDisposable {
  /** Its port of 127.0.0.1. */
  readonly port: number;
  /** Its URL. */
  readonly url: string;
  /** Kills the process. */
  kill(): Promise<void>;
  /** Stops the process; its connections stay open. */
  hang(): void;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

function isInstalled(): boolean {
  if (Deno.permissions.querySync({ name: "read" }).state !== "granted") {
    return true;
  }
  try {
    return Deno.statSync(REDIS).isFile;
  } catch {
    return false;
  }
}

/** Starts a Redis server without persistence. */
export async function startRedis(password?: string): Promise<Redis> {
  const port = freePort();
  let child = await spawn(port, password);
  const kill = async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await child.status;
  };
  return {
    port,
    url: `redis://${password ? `:${password}@` : ""}127.0.0.1:${port}`,
    kill,
    hang: () => child.kill("SIGSTOP"),
    async restart() {
      child = await spawn(port, password);
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function spawn(
  port: number,
  password: string | undefined,
): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(REDIS, {
    args: [
      ...["--port", String(port), "--bind", "127.0.0.1", "--save", ""],
      ...(password ? ["--requirepass", password] : []),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await within(readiness(child.stdout), "Redis");
  return child;
}

/** Resolves when Redis accepts connections; discards its later output. */
async function readiness(stdout: ReadableStream<Uint8Array>): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of stdout) {
      text = (text + decoder.decode(bytes, { stream: true })).slice(-1000);
      if (text.includes("Ready to accept connections")) ready.resolve();
    }
    ready.reject(new Error(`Redis did not start: ${text}`));
  };
  read();
  await ready.promise;
}

/**
 * Registers a test that needs Redis. Without Redis the test is ignored and its
 * name says so.
 *
 * @param name the test's name
 * @param fn the test
 */
export function redisTest(name: string, fn: () => Promise<void>): void {
  if (isInstalled()) {
    testWith({ ...NEEDS, read: true }, name, fn);
  } else {
    Deno.test({
      name: `${name} (ignored: ${REDIS} is not installed)`,
      ignore: true,
      fn,
    });
  }
}
