// A crowd of WebSocket clients, each with one message in flight. On Node, whose
// sockets have no order of their own that would hide the server's.
//
// node crowd.cjs PORT CLIENTS MESSAGES: prints how many echoes each client had by
// the time that there were so many of them, fewest first.
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

/** Each byte is a frame of its own, so that the server has more to do than the clients. */
const ECHO = PAYLOAD * 3;

const echoes = new Array(clients).fill(0);
const sockets = [];
let total = 0;
let open = 0;

function finish() {
  console.log(JSON.stringify(echoes.sort((a, b) => a - b)));
  for (const socket of sockets) socket.destroy();
}

function converse(socket, index) {
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
  socket.on("data", function greet(data) {
    head += data.toString("latin1");
    if (!head.endsWith("\r\n\r\n")) return;
    socket.off("data", greet);
    converse(socket, index);
    // Everybody begins at once.
    if (++open === clients) { for (const each of sockets) each.write(MESSAGE); }
  });
}
