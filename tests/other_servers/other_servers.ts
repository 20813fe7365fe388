/**
 * Other WebSocket servers as processes, for the tests of the probe and for the
 * benchmark.
 *
 * @module
 */

import { npmModules, VERSIONS } from "./npm.ts";

/** A command that starts a server, or the reason why it cannot be started. */
export type Command =
  | {
    readonly ok: true;
    readonly program: string;
    readonly args: readonly string[];
    /** The versions of the server and its runtime. */
    readonly version: string;
    /** The working directory, if it differs from the test's. */
    readonly cwd?: string;
    /** Variables in addition to the test's. */
    readonly env?: Readonly<Record<string, string>>;
    /** The port, if the server does not print it. */
    readonly port?: number;
  }
  | { readonly ok: false; readonly reason: string };

/** Another WebSocket server. */
export interface OtherServer {
  /** Its name in tables. */
  readonly name: string;
  /**
   * Installs the server's packages and returns its command.
   *
   * @param deflate whether it negotiates permessage-deflate, if it can
   */
  command(deflate: boolean): Promise<Command>;
}

const SERVERS = new URL("./servers/", import.meta.url);

const file = (name: string) => new URL(name, SERVERS).pathname;

const DENO = `Deno ${Deno.version.deno}`;

/** A bare `Deno.upgradeWebSocket` loop. */
export const DENO_SERVER: OtherServer = {
  name: "Deno.upgradeWebSocket",
  command: () =>
    Promise.resolve({
      ok: true,
      program: Deno.execPath(),
      args: ["run", "--no-config", "--allow-net=127.0.0.1", file("deno.ts")],
      version: DENO,
    }),
};

/** The `ws` package on Node. */
export const WS_SERVER: OtherServer = {
  name: "ws on Node",
  async command(deflate) {
    const modules = await npmModules();
    if (!modules.ok) return modules;
    const node = await versionOf("node", "--version");
    if (node === undefined) return { ok: false, reason: "no node" };
    return {
      ok: true,
      program: "node",
      args: [file("ws.cjs"), ...deflateArgs(deflate)],
      env: { NODE_PATH: modules.path },
      version: `ws ${VERSIONS.ws}, Node ${node.replace("v", "")}`,
    };
  },
};

/** Bun's own server. */
export const BUN_SERVER: OtherServer = {
  name: "Bun.serve",
  async command(deflate) {
    const modules = await npmModules();
    if (!modules.ok) return modules;
    const bun = await versionOf(modules.bun, "--version");
    if (bun === undefined) return { ok: false, reason: "Bun does not run" };
    return {
      ok: true,
      program: modules.bun,
      args: [file("bun.js"), ...deflateArgs(deflate)],
      version: `Bun ${bun}`,
    };
  },
};

/** crossws on Deno. */
export const CROSSWS_SERVER: OtherServer = {
  name: "crossws on Deno",
  async command() {
    const modules = await npmModules();
    if (!modules.ok) return modules;
    return {
      ok: true,
      program: Deno.execPath(),
      args: [
        "run",
        "--no-config",
        "--allow-net=127.0.0.1",
        `--allow-read=${modules.path}`,
        file("crossws.ts"),
        modules.path,
      ],
      version: `crossws ${VERSIONS.crossws}, ${DENO}`,
    };
  },
};

/** Debian's interpreter, which has Debian's packages. */
const PYTHON = "/usr/bin/python3";

/** Python's websockets, from Debian's python3-websockets. */
export const PYTHON_SERVER: OtherServer = {
  name: "Python's websockets",
  async command() {
    const version = await versionOf(
      PYTHON,
      "-c",
      "import websockets; print(websockets.__version__)",
    );
    if (version === undefined) {
      return { ok: false, reason: "needs the package python3-websockets" };
    }
    return {
      ok: true,
      program: PYTHON,
      args: [file("python.py")],
      version: `websockets ${version}`,
    };
  },
};

function deflateArgs(deflate: boolean): string[] {
  return deflate ? ["deflate"] : [];
}

/** The output of a program, or `undefined` when it does not run. */
async function versionOf(
  program: string,
  ...args: readonly string[]
): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

/** A running server; disposal kills it. */
export interface RunningServer extends AsyncDisposable {
  /** Its port of 127.0.0.1. */
  readonly port: number;
  /** The process id. */
  readonly pid: number;
}

const LISTENING = /listening on port (\d+)\n/;

/**
 * Starts a server and waits until it listens.
 *
 * @param command of the server
 */
export async function start(
  command: Command & { readonly ok: true },
): Promise<RunningServer> {
  const { program, args, cwd, env } = command;
  const child = new Deno.Command(program, {
    args: [...args],
    ...(cwd && { cwd }),
    ...(env && { env: { ...env } }),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const printed = Promise.withResolvers<number>();
  const ended = (async () => {
    let text: string | undefined = "";
    const output = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const chunk of output) {
      if (text === undefined) continue;
      text += chunk;
      const match = LISTENING.exec(text);
      if (match === null) continue;
      printed.resolve(Number(match[1]));
      text = undefined;
    }
    printed.reject(new Error(`${program} ended before it listened: ${text}`));
  })();
  const port = command.port ?? await printed.promise;
  printed.promise.catch(() => {});
  if (command.port !== undefined) await accepting(port, child.status);
  return {
    port,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await child.status;
    },
  };
}

/** Milliseconds between two attempts to connect. */
const TRY_EVERY = 20;

/** Resolves when the server accepts connections. */
async function accepting(
  port: number,
  ended: Promise<Deno.CommandStatus>,
): Promise<void> {
  let isOver = false;
  ended.then(() => isOver = true);
  while (!isOver) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, TRY_EVERY));
    }
  }
  throw new Error(`the server ended before it listened on port ${port}`);
}
