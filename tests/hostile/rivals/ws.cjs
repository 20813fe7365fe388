// An echo server on the ws package, for comparison:
//   deno task attack --server "node tests/hostile/rivals/ws.cjs"
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  path: "/ws",
  maxPayload: 16 * 2 ** 20,
});
server.on("listening", () => console.log(`port ${server.address().port}`));
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on(
    "message",
    (data, isBinary) => socket.send(data, { binary: isBinary }),
  );
});
