/**
 * Log output to the console of a worker thread, for OpenTelemetry: the runtime exports
 * records that are logged to the console.
 *
 * @module
 */

import type { FormatterFunction } from "../std/log.ts";
import { CONSOLE_METHODS, consoleMethod } from "./level_console_handler.ts";
import type { LineOutput } from "./line_writer.ts";

/** In a worker, because the console blocks its thread while it writes. */
const PROGRAM = `const methods = ${JSON.stringify(CONSOLE_METHODS)};
onmessage = ({ data }) => {
  for (const record of data) console[methods[record[0]]](record.slice(1));
  postMessage(undefined);
};`;

/**
 * Makes a formatter for {@linkcode consoleThread}: the first character of a record is the
 * number of the console's method, from which the runtime takes the severity.
 *
 * @param formatter formats the rest of the record
 */
export function withMethod(formatter: FormatterFunction): FormatterFunction {
  return (record) =>
    `${CONSOLE_METHODS.indexOf(consoleMethod(record.level))}${
      formatter(record)
    }`;
}

/**
 * Starts a worker thread that logs each record to its console. The thread takes 14 MB of
 * memory, and needs no permission. The records are those of {@linkcode withMethod}.
 */
export function consoleThread(): LineOutput {
  const url = `data:application/javascript,${encodeURIComponent(PROGRAM)}`;
  const worker = new Worker(url, { type: "module", name: "log" });
  return {
    write(records) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      worker.onmessage = () => resolve();
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      worker.postMessage(records);
      return promise;
    },
  };
}
