/**
 * The service as a separate process, with the arguments of `deno task start`.
 *
 * @module
 */

import { taskArguments } from "../../task_arguments.ts";
import { within } from "./within.ts";

/** A running service; disposal kills it. */
export interface Server extends AsyncDisposable {
  /** The process id. */
  readonly pid: number;
  /** The lines of stdout and stderr so far. */
  readonly lines: readonly string[];
  /** Resolves when the process has ended. */
  readonly status: Promise<Deno.CommandStatus>;
  /** The address of a listener. */
  address(listener: string): { hostname: string; port: number };
  /** The WebSocket URL of a path. */
  url(listener: string, path: string): string;
  /**
   * Waits for a log line, or returns one that is there already.
   *
   * @param pattern a part of the line
   * @param since index of the first line to look at
   */
  logged(pattern: RegExp | string, since?: number): Promise<string>;
  /** Sends a signal to the process. */
  signal(signal: Deno.Signal): void;
  /**
   * Stops reading the process's output, so that its pipes fill up.
   *
   * @returns a function that resumes reading
   */
  stopReading(): () => void;
}

/** How a process ended, and its output. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string[];
  readonly stderr: string[];
}

const START = taskArguments();

/** The arguments of a start with several threads. */
export const WORKERS_START = taskArguments({ WORKERS: "2" });

/** The arguments of a start with a Redis on this machine. */
export const REDIS_START = taskArguments({
  BUS_HOST: "127.0.0.1",
});

/** The variables that `start` may read, empty, so that the caller's have no effect. */
const UNSET = Object.fromEntries(
  START.flatMap((argument) =>
    argument.match(/^--allow-env=(.*)$/)?.[1]?.split(",") ?? []
  ).map((name) => [name, ""]),
);

const DEFAULTS = {
  ...UNSET,
  // The runtime warns when its variable is empty.
  OTEL_DENO: "false",
  NO_COLOR: "1",
  HOST: "127.0.0.1",
  PORT: "0",
  FRAME_PORT: "0",
  LOG_LEVEL: "DEBUG",
};

const ROOT = new URL("../../../", import.meta.url);

function spawn(
  env: Record<string, string>,
  args: readonly string[],
  detached = false,
  cwd: string | URL = ROOT,
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { ...DEFAULTS, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached,
  }).spawn();
}

/**
 * Starts the service and waits until it has logged its ports.
 *
 * @param env variables that differ from the defaults of the tests
 * @param options what differs from `deno task start` with the edge listener
 */
export async function startServer(
  env: Record<string, string> = {},
  options: {
    readonly listeners?: readonly string[];
    readonly args?: readonly string[];
    /** Sends signals to the process group, as a terminal does. */
    readonly isGroup?: boolean;
    /** The folder of another copy of the service. */
    readonly cwd?: string;
  } = {},
): Promise<Server> {
  const { isGroup = false } = options;
  const child = spawn(env, options.args ?? START, isGroup, options.cwd);
  const kill = (signal: Deno.Signal) =>
    isGroup ? Deno.kill(-child.pid, signal) : child.kill(signal);
  const log = new LineLog();
  const streams = Promise.all([
    log.follow(child.stdout),
    log.follow(child.stderr),
  ]).then(() => log.end());
  const ports = new Map<string, number>();

  const server: Server = {
    pid: child.pid,
    lines: log.lines,
    status: child.status,
    address(listener) {
      const port = ports.get(listener);
      if (port === undefined) throw new Error(`no ${listener} listener runs`);
      return { hostname: "127.0.0.1", port };
    },
    url(listener, path) {
      return `ws://127.0.0.1:${this.address(listener).port}${path}`;
    },
    logged: (pattern, since) =>
      within(log.find(pattern, since), `the log line ${pattern}`),
    signal: kill,
    stopReading: () => log.stop(),
    async [Symbol.asyncDispose]() {
      log.resume();
      try {
        kill("SIGKILL");
      } catch {
        // The process has ended already.
      }
      await child.status;
      await streams;
    },
  };
  try {
    for (const name of options.listeners ?? ["edge"]) {
      const pattern = new RegExp(`The ${name} listener is on port (\\d+): `);
      const line = await server.logged(pattern);
      ports.set(name, Number(pattern.exec(line)![1]));
    }
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw new Error(`the service did not start\n${log.lines.join("\n")}`, {
      cause: error,
    });
  }
}

/**
 * Runs the service until it ends.
 *
 * @param env variables that differ from the defaults of the tests
 * @param args the arguments of `deno`; those of `deno task start` by default
 */
export async function runToEnd(
  env: Record<string, string>,
  args: readonly string[] = START,
): Promise<Outcome> {
  const child = spawn(env, args);
  const output = child.output();
  try {
    const { code, stdout, stderr } = await within(output, "the process to end");
    return { code, stdout: toLines(stdout), stderr: toLines(stderr) };
  } catch (error) {
    child.kill("SIGKILL");
    await output;
    throw error;
  }
}

function toLines(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes);
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** The lines of a process, for tests that wait for one. */
class LineLog {
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #stopped: PromiseWithResolvers<void> | undefined;
  #ended = false;

  /** Stops reading until the returned function is called. */
  stop(): () => void {
    this.#stopped ??= Promise.withResolvers();
    return () => this.resume();
  }

  /** Resumes reading. */
  resume(): void {
    this.#stopped?.resolve();
    this.#stopped = undefined;
  }

  /** Reads a stream to its end. */
  async follow(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      this.#add(parts);
      await this.#stopped?.promise;
    }
    if (rest !== "") this.#add([rest]);
  }

  /** Ends the log; pending calls of `find` reject. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Resolves with the first line that matches; rejects at the end of the log. */
  async find(pattern: RegExp | string, since = 0): Promise<string> {
    const matches = (line: string) =>
      typeof pattern === "string" ? line.includes(pattern) : pattern.test(line);
    for (let next = since;; next++) {
      while (next >= this.lines.length) {
        if (this.#ended) {
          throw new Error(`the process ended without "${pattern}"`);
        }
        await new Promise<void>((resolve) => this.#waiting.add(resolve));
      }
      if (matches(this.lines[next]!)) return this.lines[next]!;
    }
  }

  #add(lines: readonly string[]): void {
    this.lines.push(...lines);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
