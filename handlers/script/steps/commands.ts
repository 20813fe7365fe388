/**
 * The commands in messages that test suites of clients use: `Goodbye` of
 * web-platform-tests, the others of dotnet.
 *
 * @module
 */

import type { Run } from "../engine/run.ts";

/** Milliseconds of `.delay5sec`. */
const DELAY = 5000;

/**
 * Echoes messages, and follows those that are commands.
 *
 * @param run of the connection
 * @returns resolves when the connection ends
 */
export function followCommands(run: Run): PromiseLike<void> {
  const { endpoint } = run;
  return run.take(undefined, (message) => {
    const command = message.opcode === "text" && message.length < 32
      ? message.text()
      : "";
    switch (command) {
      case "Goodbye":
        run.reply(message);
        return endpoint.close(1000);
      case ".close":
      case ".shutdown":
        return endpoint.close(1000, command);
      case ".closeafter":
      case ".shutdownafter":
        run.reply(message);
        return endpoint.close(1000, command);
      case ".abort":
        // The edge listener cannot end TCP without a CLOSE.
        return endpoint.capabilities.transport
          ? endpoint.abort()
          : endpoint.close(1011, command);
      case ".delay5sec":
        return run.wait(DELAY);
      case ".receiveMessageAfterClose":
        endpoint.send(`${command} ${new Date().toISOString().slice(11, 19)}`);
        return endpoint.close(1000, command);
      default:
        return run.reply(message);
    }
  });
}
