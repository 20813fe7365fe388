/**
 * Connects to every named plan, with the WebSocket of the runtime or with `ws`. It runs
 * in Deno and in Node, whose WebSocket is undici's.
 *
 * Arguments: `ws` or `runtime`, and the URLs as JSON.
 *
 * @module
 */

import process from "node:process";

const [client, urls] = process.argv.slice(2);

/** Milliseconds until a client closes the connection that it accepts. */
const OPEN_TIME = 300;

/** Milliseconds after which a client that does not end is left. */
const TIME_LIMIT = 4000;

/** Connections at a time. */
const AT_ONCE = 8;

// Some faults let a client fail outside of its socket.
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});

const WebSocket = client === "ws"
  ? (await import("ws")).WebSocket
  : globalThis.WebSocket;

/** @param {string} url */
function connect(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const timer = setTimeout(() => {
      socket.terminate?.();
      resolve();
    }, TIME_LIMIT);
    socket.onopen = () => setTimeout(() => socket.close(1000), OPEN_TIME);
    socket.onerror = () => {};
    socket.onclose = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

const pending = JSON.parse(urls);
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let url; (url = pending.shift()) !== undefined;) await connect(url);
  }),
);
process.exit();
