/**
 * The text of `deno task start --help`, from the table of settings.
 *
 * @module
 */

import { optionOf, type SettingName, SETTINGS } from "../settings.ts";

/** Characters of a line at most. */
const WIDTH = 80;

const INDENT = "      ";

const FLAGS: Readonly<Record<string, string>> = {
  "--ready": 'Prints READY {"edge":"http://…","frame":"ws://…"} on a line of ' +
    "the standard output when the listeners are open.",
  "--exit-with-parent": "Shuts down when the parent process has ended. " +
    "deno task start gives the service this option.",
  "--help, -h": "Prints this text.",
  "--version, -V": "Prints the version.",
};

/** Writes the text. */
export function helpText(): string {
  const settings = (Object.keys(SETTINGS) as SettingName[]).map((name) =>
    entry(
      `--${optionOf(name)} ${SETTINGS[name].default}`,
      plain(SETTINGS[name].meaning),
    )
  );
  const flags = Object.entries(FLAGS).map(([name, text]) => entry(name, text));
  return [
    "Usage: deno task start [options]",
    "",
    ...wrapped(
      "Starts the echo service: the edge listener and the frame listener. " +
        "Each option with a value is also an environment variable: " +
        "--frame-port is FRAME_PORT. An option comes before its variable. " +
        "Other users of the machine can read options: set tokens by their " +
        "variables. Times are in seconds, sizes in bytes (64KiB and 16MiB " +
        "work too). The values below are the defaults.",
      "",
    ),
    "",
    ...settings,
    "",
    ...flags,
    "",
    "Example: deno task start --port 9000 --frame-port off --log-level debug",
    "",
    ...wrapped(
      "Exit code 0: a signal has stopped the service; 1: the start or a " +
        "thread failed; 2: invalid arguments; 75: restart the service.",
      "",
    ),
  ].join("\n");
}

function entry(name: string, text: string): string {
  return [`  ${name}`, ...wrapped(text, INDENT)].join("\n");
}

/** Removes the notation of code. */
function plain(text: string): string {
  return text.replaceAll("`", "");
}

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.trim() !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
