/**
 * The console of a thread of its own, for a runtime that collects what the
 * console is given.
 *
 * @module
 */

import type { LineOutput } from "./line_writer.ts";

/** `console.log` writes to the standard output too, and blocks its thread meanwhile. */
const PROGRAM = `onmessage = ({ data }) => {
  for (const record of data) console.log(record);
  postMessage(undefined);
};`;

/**
 * Starts a thread that gives records to the console, one call each. It takes 14 MB
 * of memory, and no permission.
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
