// Many WebSocket clients, each with one message in flight. They run on Node, because
// its sockets have no order that hides the server's order.
//
// node busy_clients.cjs PORT CLIENTS MESSAGES: stops after MESSAGES echoes and prints
// the echoes of each client as JSON, lowest first.
"use strict";

const { connect } = require("node:net");

const [port, clients, messages] = process.argv.slice(2).map(Number);

const HANDSHAKE = [
  "GET /ws?fragment=1 HTTP/1.1",
  "Host: 127.0.0.1",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "",
  "",
].join("\r\n");

const PAYLOAD = 64;
const MESSAGE = Buffer.alloc(6 + PAYLOAD);
MESSAGE.set([0x82, 0x80 | PAYLOAD]);

/** Each byte comes in a frame of its own, so that the server has more work than the clients. */
const ECHO = PAYLOAD * 3;

const echoes = new Array(clients).fill(0);
const sockets = [];
let total = 0;
let open = 0;

function finish() {
  console.log(JSON.stringify(echoes.sort((a, b) => a - b)));
  for (const socket of sockets) socket.destroy();
}

function exchange(socket, index) {
  let bytes = 0;
  socket.on("data", (data) => {
    bytes += data.length;
    if (bytes < ECHO) return;
    bytes -= ECHO;
    echoes[index]++;
    if (++total < messages) socket.write(MESSAGE);
    else if (total === messages) finish();
  });
}

for (let index = 0; index < clients; index++) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  sockets.push(socket);
  socket.write(HANDSHAKE);
  let head = "";
  socket.on("data", function readHead(data) {
    head += data.toString("latin1");
    if (!head.endsWith("\r\n\r\n")) return;
    socket.off("data", readHead);
    exchange(socket, index);
    // All clients start at the same time.
    if (++open === clients) { for (const each of sockets) each.write(MESSAGE); }
  });
}
