// An echo server on the ws package and Node, which finds ws by NODE_PATH. Argument:
// "deflate" for permessage-deflate.
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  maxPayload: 16 * 2 ** 20,
  perMessageDeflate: process.argv[2] === "deflate",
});
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => {
    socket.send(data, { binary: isBinary });
  });
});
server.on("listening", () => {
  console.log(`listening on port ${server.address().port}`);
});
