/**
 * Floods of frames, right ones and wrong ones.
 *
 * @module
 */

import { closePayload, encodeFrame } from "../../../lib/client/frame.ts";
import { pause, Socket } from "../socket.ts";
import type { Attack } from "./attack.ts";
import { DEFLATE, FLOOD, MASKED, OPEN, repeated } from "./bytes.ts";
import { flood } from "./flood.ts";

const SILENCE = new Uint8Array(FLOOD);

/** Upgrades, sends some bytes that a server ought to fail for, then floods. */
function rude(bytes: Uint8Array): Attack["behave"] {
  return async (target, signal) => {
    using socket = await Socket.upgrade(target, signal);
    await socket.write(bytes);
    const reading = socket.drain().catch(() => {});
    await socket.flood(SILENCE);
    await reading;
  };
}

const ping = () => encodeFrame("ping", "x".repeat(125), MASKED);
const text = () => encodeFrame("text", "hostile", MASKED);
const empty = () => encodeFrame("text", "", MASKED);

/** The attacks. */
export const FLOODS: readonly Attack[] = [
  {
    name: "frames that claim 2^62 bytes",
    clients: 50,
    behave: rude(
      encodeFrame("binary", "", { ...MASKED, length: 2n ** 62n }),
    ),
  },
  {
    name: "messages of empty fragments without an end",
    clients: 20,
    async behave(target, signal) {
      using socket = await Socket.upgrade(target, signal);
      const reading = socket.drain().catch(() => {});
      await socket.write(encodeFrame("text", "", OPEN));
      await socket.flood(repeated(encodeFrame("continuation", "", OPEN)));
      await reading;
    },
  },
  { name: "PING floods", clients: 20, behave: flood(ping) },
  {
    name: "PING floods of clients that never read",
    clients: 20,
    behave: flood(ping, { reads: false }),
  },
  {
    name: "PING floods with compression agreed",
    clients: 20,
    listeners: ["frame"],
    behave: flood(ping, { fields: DEFLATE }),
  },
  {
    name: "PING floods on /control",
    clients: 50,
    path: "/control",
    behave: flood(ping),
  },
  {
    name: "PONG floods on /control",
    clients: 20,
    path: "/control",
    behave: flood(() => encodeFrame("pong", "", MASKED)),
  },
  {
    name: "CLOSE floods",
    clients: 20,
    behave: flood(() => encodeFrame("close", closePayload(1000))),
  },
  { name: "floods of messages", clients: 20, behave: flood(text) },
  {
    name: "floods of clients that never read",
    clients: 20,
    behave: flood(() => encodeFrame("binary", new Uint8Array(1000)), {
      reads: false,
    }),
  },
  {
    name: "floods of empty messages of clients that never read",
    clients: 5,
    behave: flood(empty, { reads: false }),
  },
  {
    name: "floods of clients that read a byte a second",
    clients: 20,
    async behave(target, signal) {
      using socket = await Socket.upgrade(target, signal);
      const flooding = socket.flood(repeated(text())).catch(() => {});
      while (await socket.readByte()) await pause(1000, signal);
      await flooding;
    },
  },
  {
    name: "floods of Trigger async",
    clients: 10,
    path: "/ws",
    behave: flood(() => encodeFrame("text", "Trigger async", MASKED)),
  },
  {
    name: "floods of Ping",
    clients: 10,
    path: "/ws",
    listeners: ["frame"],
    behave: flood(() => encodeFrame("text", "Ping", MASKED)),
  },
];
