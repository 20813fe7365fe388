/**
 * The driver of the `WebSocket` of Deno.
 *
 * @module
 */

const base = Deno.env.get("CONFORMANCE_URL")!;
const agent = "Deno";

/** Connects, and resolves with the last message when the connection has ended. */
function run(path: string, echo: boolean): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = new WebSocket(base + path);
    socket.binaryType = "arraybuffer";
    let last: unknown;
    socket.onmessage = ({ data }) => {
      last = data;
      if (echo) socket.send(data);
    };
    // The error of a case; "close" follows.
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = () => resolve(last);
  });
}

const count = Number(await run("/getCaseCount", false));
for (let n = 1; n <= count; n++) {
  await run(`/runCase?case=${n}&agent=${agent}`, true);
}
await run(`/updateReports?agent=${agent}`, false);
