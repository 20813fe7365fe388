/**
 * Attacks that make the server hold bytes: delayed messages, incomplete messages,
 * and messages for clients that do not read.
 *
 * @module
 */

import { encodeFrame } from "../../../lib/client/frame.ts";
import { pause, Socket } from "../socket.ts";
import { type Attack, ONE_ADDRESS } from "./attack.ts";
import {
  bomb,
  bytesOf,
  compressedFrame,
  DEFLATE,
  deflated,
  joined,
  LARGEST,
  lazy,
  MASKED,
  OPEN,
  wideBomb,
} from "./bytes.ts";
import { flood, hold } from "./flood.ts";

/** The fields of every attack. */
const COMMON = { env: ONE_ADDRESS, shortClients: 40 } as const;

const COMPRESSING = { ...COMMON, listeners: ["frame"] } as const;

const MIB = 2 ** 20;

/** A frame of 16 MiB. */
const largestFrame = lazy(() =>
  encodeFrame("binary", new Uint8Array(LARGEST), MASKED)
);

/** A frame of 16 MiB that lacks its last byte. */
const unfinishedFrame = lazy(() =>
  joined(
    encodeFrame("binary", "", { ...MASKED, length: LARGEST, lengthBits: 64 }),
    new Uint8Array(LARGEST - 1),
  )
);

/** 15 MiB in fragments without FIN. */
const unfinishedMessage = lazy(() =>
  joined(
    encodeFrame("binary", "", OPEN),
    ...Array.from(
      { length: 15 },
      () => encodeFrame("continuation", new Uint8Array(MIB), OPEN),
    ),
  )
);

/** A bomb in frames of 64 bytes without FIN. */
const unfinishedFragments = lazy(() => {
  const bytes = deflated(new Uint8Array(LARGEST));
  const frames = [];
  for (let at = 0; at < bytes.length; at += 64) {
    const part = bytes.slice(at, at + 64);
    frames.push(
      at === 0
        ? encodeFrame("binary", part, { ...OPEN, rsv: 4 })
        : encodeFrame("continuation", part, OPEN),
    );
  }
  return joined(...frames);
});

/** ADMIN_TOKEN of the broadcast attack. */
const TOKEN = "admin";

/** A message to every session of a route, through the admin API. */
const BROADCAST = bytesOf(
  "POST /sessions/messages?route=/frames HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
    `Authorization: Bearer ${TOKEN}\r\nContent-Length: ${MIB}\r\n` +
    "Content-Type: application/octet-stream\r\n\r\n",
);

/** The attacks. */
export const MEMORY: readonly Attack[] = [
  {
    ...COMPRESSING,
    name: "delayed bombs",
    clients: 250,
    // A longer delay runs on the wire, without compression.
    path: "/ws?delay=5000",
    behave: hold(wideBomb, DEFLATE),
  },
  {
    ...COMPRESSING,
    name: "delayed bombs that come due",
    clients: 250,
    path: "/ws?delay=1000&jitter=1000",
    behave: hold(wideBomb, DEFLATE),
  },
  {
    ...COMMON,
    name: "messages of 16 MiB that are delayed for an hour",
    clients: 250,
    path: "/ws?delay=3600000",
    behave: hold(largestFrame),
  },
  {
    ...COMMON,
    listeners: ["frame"],
    name: "headers of 16 MiB for plans",
    clients: 250,
    path: "/do/raw:8a00/echo",
    behave: hold(() => largestFrame().subarray(0, 14)),
  },
  {
    ...COMMON,
    name: "delayed empty messages",
    clients: 100,
    path: "/ws?delay=1000",
    behave: flood(() => encodeFrame("text", "", MASKED)),
  },
  {
    ...COMMON,
    name: "delayed messages of 16 bytes",
    clients: 20,
    path: "/ws?delay=3000",
    behave: flood(() => encodeFrame("binary", new Uint8Array(16), MASKED)),
  },
  {
    ...COMPRESSING,
    name: "unfinished bombs",
    clients: 250,
    behave: hold(
      lazy(() => compressedFrame("binary", new Uint8Array(LARGEST), OPEN)),
      DEFLATE,
    ),
  },
  {
    ...COMPRESSING,
    name: "unfinished bombs in small fragments",
    clients: 250,
    behave: hold(unfinishedFragments, DEFLATE),
  },
  {
    ...COMMON,
    name: "unfinished frames of 16 MiB",
    clients: 200,
    behave: hold(unfinishedFrame),
  },
  {
    ...COMMON,
    name: "unfinished messages of 15 MiB in fragments",
    clients: 200,
    behave: hold(unfinishedMessage),
  },
  {
    ...COMMON,
    name: "fragments of 1 MiB without an end",
    clients: 1,
    async behave(target, signal) {
      using socket = await Socket.upgrade(target, signal);
      const reading = socket.drain().catch(() => {});
      await socket.write(encodeFrame("binary", "", OPEN));
      await socket.flood(
        encodeFrame("continuation", new Uint8Array(MIB), OPEN),
      );
      await reading;
    },
  },
  {
    ...COMMON,
    name: "echoes of 12 MiB that are never read",
    clients: 250,
    behave: flood(
      () => encodeFrame("binary", new Uint8Array(12 * MIB), MASKED),
      { reads: false },
    ),
  },
  {
    ...COMMON,
    name: "echoes of 1 MiB that are never read",
    clients: 250,
    behave: flood(
      () => encodeFrame("binary", new Uint8Array(MIB), MASKED),
      { reads: false },
    ),
  },
  {
    ...COMMON,
    name: "echoes of 64 KiB that are never read",
    clients: 250,
    behave: flood(
      () => encodeFrame("binary", new Uint8Array(64 * 1024), MASKED),
      { reads: false },
    ),
  },
  {
    ...COMMON,
    name: "echoes of 16 MiB that are read a byte a second",
    clients: 50,
    async behave(target, signal) {
      using socket = await Socket.upgrade(target, signal);
      const flooding = socket.flood(
        encodeFrame("binary", new Uint8Array(LARGEST), MASKED),
      ).catch(() => {});
      while (await socket.readByte()) await pause(1000, signal);
      await flooding;
    },
  },
  {
    ...COMPRESSING,
    name: "bombs whose echoes are never read",
    clients: 250,
    behave: flood(bomb, { reads: false, fields: DEFLATE }),
  },
  {
    ...COMMON,
    name: "ticks that are never read",
    clients: 250,
    path: "/ws?tick=10",
    async behave(target, signal) {
      using socket = await Socket.upgrade(target, signal);
      await socket.hold();
    },
  },
  {
    ...COMPRESSING,
    name: "idle connections with zlib contexts",
    clients: 250,
    behave: hold(
      lazy(() => compressedFrame("text", bytesOf("hostile ".repeat(10_000)))),
      DEFLATE,
    ),
  },
  {
    ...COMMON,
    name: "broadcasts to clients that never read",
    env: { ADMIN_TOKEN: TOKEN },
    clients: 250,
    path: "/frames",
    behave: broadcastOrNever(),
  },
];

/** One client of 25 sends broadcasts; the others read nothing. */
function broadcastOrNever(): Attack["behave"] {
  let clients = 0;
  return async (target, signal) => {
    if (clients++ % 25 > 0) {
      using socket = await Socket.upgrade(target, signal);
      await socket.hold();
      return;
    }
    using socket = await Socket.connect(target.http ?? target, signal);
    const reading = socket.drain().catch(() => {});
    await socket.flood(joined(BROADCAST, new Uint8Array(MIB)));
    await reading;
  };
}
