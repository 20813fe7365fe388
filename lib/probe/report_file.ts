/**
 * The file that a report goes to. It is opened before the probe connects, and the
 * permission to write given up: what a server sends is read without it.
 *
 * @module
 */

import { UsageError } from "../config/arguments.ts";

/** An open file, or none. */
export interface ReportFile extends Disposable {
  /**
   * Replaces the file's content.
   *
   * @param text the new content
   */
  write(text: string): void;
}

/**
 * Opens a file, and gives up the permission to write any other.
 *
 * @param path relative to the directory in which the command was typed; nothing:
 * only the permission is given up
 * @throws {UsageError} the file cannot be written
 */
export function openReportFile(path: string | undefined): ReportFile {
  const file = path === undefined ? undefined : open(path);
  Deno.permissions.revokeSync({ name: "write" });
  return {
    write(text) {
      if (file === undefined) return;
      const bytes = new TextEncoder().encode(text);
      file.truncateSync();
      file.seekSync(0, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) {
        at += file.writeSync(bytes.subarray(at));
      }
    },
    [Symbol.dispose]() {
      file?.close();
    },
  };
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(fromWhereTyped(path), { write: true, create: true });
  } catch (error) {
    const reason = error instanceof Deno.errors.NotCapable
      ? "no permission: --allow-write is needed"
      : (error as Error).message.replace(/ \(os error \d+\).*$/s, "");
    throw new UsageError(`--junit: cannot write "${path}": ${reason}`);
  }
}

const DIRECTORY = "INIT_CWD";

/** A task runs in the project's directory, and has the user's in a variable. */
function fromWhereTyped(path: string): string {
  const { state } = Deno.permissions.querySync({
    name: "env",
    variable: DIRECTORY,
  });
  const directory = state === "granted" ? Deno.env.get(DIRECTORY) : undefined;
  const isAbsolute = /^([/\\]|[A-Za-z]:)/.test(path);
  return directory === undefined || isAbsolute ? path : `${directory}/${path}`;
}
