// An echo server on Bun.serve, for comparison:
//   deno task attack --server "bun tests/hostile/rivals/bun.js"
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response("426", { status: 426 }),
  websocket: {
    maxPayloadLength: 16 * 2 ** 20,
    message: (socket, message) => void socket.send(message),
  },
});
console.log(`port ${server.port}`);
