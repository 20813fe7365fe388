/**
 * The driver of the package `ws` on Node.
 */

const { WebSocket } = require("ws");

const base = process.env.CONFORMANCE_URL;
const agent = "ws";

/** No limit is part of the cases: 9.x has 16 MiB, and 10^5 fragments. */
const options = { maxPayload: 0, maxFragments: 0, maxBufferedChunks: 0 };

/** Connects, and resolves with the last message when the connection has ended. */
function run(path, echo) {
  return new Promise((resolve) => {
    const socket = new WebSocket(base + path, options);
    let last;
    socket.on("message", (data, isBinary) => {
      last = data;
      if (echo) socket.send(data, { binary: isBinary });
    });
    // The error of a case; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => resolve(last));
  });
}

async function main() {
  const count = Number(await run("/getCaseCount", false));
  for (let n = 1; n <= count; n++) {
    await run(`/runCase?case=${n}&agent=${agent}`, true);
  }
  await run(`/updateReports?agent=${agent}`, false);
}

main();
