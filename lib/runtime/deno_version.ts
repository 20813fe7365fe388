/**
 * Ends the process with exit code 1 and one line on stderr where the runtime is too
 * old to load the rest of the program. To be imported first.
 *
 * @module
 */

/** Major and minor number of the first version with text imports. */
const OLDEST = [2, 8] as const;

const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
if (major < OLDEST[0] || major === OLDEST[0] && minor < OLDEST[1]) {
  console.error(
    `ws_echo_server cannot start: it needs Deno ${
      OLDEST.join(".")
    } or newer, ` +
      `and this is Deno ${Deno.version.deno}`,
  );
  Deno.exit(1);
}
