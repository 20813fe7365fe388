/**
 * The drivers of client libraries, and how each is started.
 *
 * @module
 */

import { isInstalled } from "../../installed.ts";
import {
  npmModules,
  type PackageName,
  VERSIONS,
} from "../../other_servers/npm.ts";

/** A driver that can run, or the reason why it cannot. */
export type Command =
  | {
    readonly ok: true;
    /** The value of `--driver`. */
    readonly command: string;
    /** Variables in addition to the test's. */
    readonly env: Readonly<Record<string, string>>;
  }
  | { readonly ok: false; readonly reason: string };

/** A driver. */
export interface Driver {
  /** Its name as an agent. */
  readonly agent: string;
  /** Its file in this folder. */
  readonly file: string;
  /** Its expected results in `expected/`. */
  readonly expected: string;
  /** Whether the test installs the version that the expected results are of. */
  readonly isPinned: boolean;
  /** Finds or installs what it needs. */
  command(): Promise<Command>;
}

const FOLDER = new URL("./", import.meta.url).pathname;

/** A driver on Node or Bun, with a package of npm. */
function npm(
  agent: string,
  file: string,
  name: Extract<PackageName, "bun" | "undici" | "ws">,
): Driver {
  return {
    agent,
    file,
    expected: `${name}.json`,
    isPinned: true,
    async command() {
      const modules = await npmModules([name]);
      if (!modules.ok) return modules;
      const program = name === "bun" ? modules.bun : "node";
      if (!isInstalled(program, "--version")) {
        return { ok: false, reason: `${name} ${VERSIONS[name]} does not run` };
      }
      return {
        ok: true,
        command: `"${program}" "${FOLDER}${file}"`,
        env: { NODE_PATH: modules.path },
      };
    },
  };
}

/** A driver in Python. */
function python(agent: string, module: string, name: string): Driver {
  return {
    agent,
    file: `${name}.py`,
    expected: `${name}.json`,
    isPinned: false,
    command: () =>
      Promise.resolve(
        isInstalled("python3", "-c", `import ${module}`)
          ? {
            ok: true,
            command: `python3 "${FOLDER}${name}.py"`,
            env: { PYTHONDONTWRITEBYTECODE: "1" },
          }
          : { ok: false, reason: `no ${module} for Python` },
      ),
  };
}

/** The drivers. */
export const DRIVERS: readonly Driver[] = [
  npm("ws", "ws.cjs", "ws"),
  npm("undici", "undici.cjs", "undici"),
  {
    agent: "Deno",
    file: "deno.ts",
    expected: "deno.json",
    isPinned: false,
    command: () =>
      Promise.resolve({
        ok: true,
        command: `"${Deno.execPath()}" run --no-config --allow-net ` +
          `--allow-env=CONFORMANCE_URL "${FOLDER}deno.ts"`,
        env: {},
      }),
  },
  npm("Bun", "bun.js", "bun"),
  python("websockets", "websockets", "python_websockets"),
  python("websocket-client", "websocket", "python_websocket_client"),
];
