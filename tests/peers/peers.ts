/**
 * WebSocket servers that others have written, as processes: what the probe is
 * tried on, and what the benchmark compares with.
 *
 * @module
 */

import { npmModules, VERSIONS } from "./npm.ts";

/** How to start a server, or why it cannot be. */
export type Command =
  | {
    readonly ok: true;
    readonly program: string;
    readonly args: readonly string[];
    /** The server's version, and its runtime's. */
    readonly version: string;
  }
  | { readonly ok: false; readonly reason: string };

/** A server of others. */
export interface Peer {
  /** What it is called. */
  readonly name: string;
  /**
   * How to start it, once everything that it needs is there.
   *
   * @param deflate whether it is to agree on permessage-deflate, where it can
   */
  command(deflate: boolean): Promise<Command>;
}

const SERVERS = new URL("./servers/", import.meta.url);

const file = (name: string) => new URL(name, SERVERS).pathname;

const DENO = `Deno ${Deno.version.deno}`;

/** The runtime's own server. */
export const DENO_PEER: Peer = {
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
export const WS_PEER: Peer = {
  name: "ws on Node",
  async command(deflate) {
    const modules = await npmModules();
    if (!modules.ok) return modules;
    const node = await versionOf("node", "--version");
    if (node === undefined) return { ok: false, reason: "no node" };
    return {
      ok: true,
      program: "node",
      args: [file("ws.cjs"), modules.path, ...deflateArgs(deflate)],
      version: `ws ${VERSIONS.ws}, Node ${node.replace("v", "")}`,
    };
  },
};

/** Bun's own server. */
export const BUN_PEER: Peer = {
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
export const CROSSWS_PEER: Peer = {
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

/** Debian's interpreter, whose packages are Debian's. */
const PYTHON = "/usr/bin/python3";

/** Python's websockets, from Debian's python3-websockets. */
export const PYTHON_PEER: Peer = {
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

/** What a program prints, or `undefined` where it does not run. */
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

/** A server that runs; killed when it is disposed of. */
export interface RunningPeer extends AsyncDisposable {
  /** The port of 127.0.0.1 that it listens on. */
  readonly port: number;
  /** Of the process. */
  readonly pid: number;
}

/**
 * Starts a server and waits until it has named its port.
 *
 * @param command how
 */
export async function start(
  { program, args }: Command & { readonly ok: true },
): Promise<RunningPeer> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let port: number | undefined;
  while (port === undefined) {
    const { value, done } = await output.read();
    if (done) throw new Error(`${program} ended before it listened: ${text}`);
    text += value;
    const match = /listening on port (\d+)\n/.exec(text);
    if (match !== null) port = Number(match[1]);
  }
  return {
    port,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await output.cancel();
      await child.status;
    },
  };
}
