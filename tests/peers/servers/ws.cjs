// An echo server on the ws package and Node. Arguments: the path of `node_modules`;
// "deflate" for permessage-deflate.
const [, , modules, deflate] = process.argv;
const { WebSocketServer } = require(`${modules}/ws`);

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  perMessageDeflate: deflate === "deflate",
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
