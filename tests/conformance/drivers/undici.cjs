/**
 * The driver of the package `undici` on Node.
 */

const { WebSocket } = require("undici");

const base = process.env.CONFORMANCE_URL;
const agent = "undici";

/** Connects, and resolves with the last message when the connection has ended. */
function run(path, echo) {
  return new Promise((resolve) => {
    const socket = new WebSocket(base + path);
    socket.binaryType = "arraybuffer";
    let last;
    socket.onmessage = ({ data }) => {
      last = data;
      if (echo) socket.send(data);
    };
    // The error of a case; "close" follows.
    socket.onerror = () => {};
    socket.onclose = () => resolve(last);
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
