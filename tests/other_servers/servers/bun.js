// An echo server on Bun.serve. Argument: "deflate" for permessage-deflate.
const server = globalThis.Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, server) {
    if (server.upgrade(request)) return;
    return new Response("This is a WebSocket echo.", { status: 426 });
  },
  websocket: {
    perMessageDeflate: process.argv[2] === "deflate",
    message(socket, data) {
      socket.send(data, process.argv[2] === "deflate");
    },
  },
});
console.log(`listening on port ${server.port}`);
