/**
 * Log output to the console of a worker thread, for OpenTelemetry: the runtime exports
 * records that are logged to the console.
 *
 * @module
 */

import type { LineOutput } from "./line_writer.ts";

/** In a worker, because `console.log` blocks its thread while it writes. */
const PROGRAM = `onmessage = ({ data }) => {
  for (const record of data) console.log(record);
  postMessage(undefined);
};`;

/**
 * Starts a worker thread that logs each record to its console. The thread takes 14 MB of
 * memory, and needs no permission.
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
