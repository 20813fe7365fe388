/**
 * Attacks with incomplete request heads.
 *
 * @module
 */

import { pause, Socket } from "../socket.ts";
import type { Attack } from "./attack.ts";
import { bytesOf, FLOOD } from "./bytes.ts";

const HEAD = bytesOf("GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Filler: ");

const FILLER = new Uint8Array(FLOOD).fill(0x61);

/** The attacks. */
export const HEADS: readonly Attack[] = [
  {
    name: "heads of a byte a second",
    clients: 100,
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      for (const byte of HEAD) {
        await socket.write(Uint8Array.of(byte));
        await pause(1000, signal);
      }
    },
  },
  {
    name: "endless heads",
    clients: 20,
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      await socket.write(HEAD);
      await socket.flood(FILLER);
    },
  },
  {
    name: "half-open handshakes",
    clients: 1000,
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      await socket.write(HEAD);
      await Promise.race([socket.hold(), socket.drain()]);
    },
  },
];
