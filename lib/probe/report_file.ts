/**
 * The file of `--junit`. The probe opens it before it connects, and then revokes
 * its own write permission, so that it reads the server's data without it.
 *
 * @module
 */

import { UsageError } from "../config/arguments.ts";
import { inUserDirectory } from "../reports/user_directory.ts";

/** The open file; writing does nothing if no report was requested. */
export interface ReportFile extends Disposable {
  /**
   * Replaces the file's content.
   *
   * @param text the new content
   */
  write(text: string): void;
}

/**
 * Opens the file and revokes the write permission.
 *
 * @param path relative to the user's working directory; `undefined` opens no file
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
    return Deno.openSync(inUserDirectory(path), { write: true, create: true });
  } catch (error) {
    const reason = error instanceof Deno.errors.NotCapable
      ? "no permission: --allow-write is needed"
      : (error as Error).message.replace(/ \(os error \d+\).*$/s, "");
    throw new UsageError(`--junit: cannot write "${path}": ${reason}`);
  }
}
