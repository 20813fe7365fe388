/**
 * Attacks on the TCP connection and the handshake: resets and FINs in every state,
 * and handshakes that are refused.
 *
 * @module
 */

import { closePayload, encodeFrame } from "../../../lib/client/frame.ts";
import { handshake } from "../../integration/support/wire.ts";
import { pause, reset, Socket } from "../socket.ts";
import { type Attack, ONE_ADDRESS } from "./attack.ts";
import { bytesOf, joined, MASKED, OPEN, repeated } from "./bytes.ts";

const NO_BYTES = new Uint8Array(0);
const HEAD = bytesOf("GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Filler: ");
const HANDSHAKE = bytesOf(handshake("/ws"));
const TEXT = encodeFrame("text", "hostile", MASKED);

/** When a client resets: the bytes it has sent, and whether it waits for an answer. */
const STATES: readonly (readonly [bytes: Uint8Array, answered: boolean])[] = [
  [NO_BYTES, false],
  [HEAD, false],
  [HANDSHAKE, false],
  [HANDSHAKE, true],
  [joined(HANDSHAKE, TEXT), true],
  [joined(HANDSHAKE, TEXT.subarray(0, 4)), true],
  [joined(HANDSHAKE, encodeFrame("text", "a", OPEN)), true],
  [joined(HANDSHAKE, repeated(TEXT)), true],
  [joined(HANDSHAKE, encodeFrame("close", closePayload(1000))), true],
];

/** Milliseconds between a handshake and a FIN, at most. */
const FIN_WITHIN = 4;

/** Milliseconds that a client waits for an answer. */
const ANSWER_WITHIN = 500;

/** Two fields with one name, which are a list (RFC 9110 §5.3). */
const TWO_UPGRADES = bytesOf(
  handshake("/ws", { Upgrade: ["h2c", "websocket"] }),
);

/** A head full of offers. */
const OFFERS = bytesOf(handshake("/ws", {
  "Sec-WebSocket-Extensions": Array.from(
    { length: 90 },
    () => "permessage-deflate; server_max_window_bits=16, ".repeat(3) + "x",
  ),
}));

/** A handshake without a token, whose refusal is logged. */
const NO_TOKEN = bytesOf(handshake("/auth"));

/** A client that sends a request, waits for an answer and disconnects. */
function ask(request: Uint8Array): Attack["behave"] {
  return async (target, signal) => {
    using socket = await Socket.connect(target, signal);
    await socket.write(request);
    await Promise.race([socket.readByte(), pause(ANSWER_WITHIN, signal)]);
  };
}

/** The attacks. */
export const SOCKETS: readonly Attack[] = [
  {
    name: "resets in every state",
    clients: 20,
    async behave(target) {
      for (const [bytes, answered] of STATES) {
        await reset(target, bytes, answered);
      }
    },
  },
  {
    name: "FIN right after the handshake",
    clients: 300,
    shortClients: 200,
    env: ONE_ADDRESS,
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      await socket.write(HANDSHAKE);
      await pause(Math.random() * FIN_WITHIN, signal);
    },
  },
  {
    name: "half-closes right after the handshake",
    clients: 300,
    shortClients: 200,
    env: ONE_ADDRESS,
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      await socket.write(HANDSHAKE);
      await pause(Math.random() * FIN_WITHIN, signal);
      await socket.closeWrite();
      await Promise.race([socket.drain(), pause(ANSWER_WITHIN, signal)]);
    },
  },
  {
    name: "Upgrade: h2c and Upgrade: websocket as two lines",
    clients: 20,
    shortClients: 20,
    env: ONE_ADDRESS,
    behave: ask(TWO_UPGRADES),
  },
  {
    name: "offers of extensions",
    clients: 20,
    behave: ask(OFFERS),
  },
  {
    name: "refused handshakes while stdout is not read",
    clients: 20,
    path: "/ws",
    readsLog: false,
    async behave(target, signal) {
      while (!signal.aborted) {
        using socket = await Socket.connect(target, signal);
        await socket.write(NO_TOKEN);
        await socket.readByte();
      }
    },
  },
];
