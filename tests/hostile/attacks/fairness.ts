/**
 * Attacks with much work for few bytes or for one message.
 *
 * @module
 */

import { encodeFrame } from "../../../lib/client/frame.ts";
import { Socket } from "../socket.ts";
import { type Attack, ONE_ADDRESS } from "./attack.ts";
import {
  bomb,
  bytesOf,
  compressedFrame,
  DEFLATE,
  joined,
  LARGEST,
  lazy,
  MASKED,
  noise,
  OPEN,
  utf8Bomb,
} from "./bytes.ts";
import { flood } from "./flood.ts";

/** The fields of every attack. */
const COMMON = { env: ONE_ADDRESS } as const;

/** The fields of attacks with permessage-deflate. */
const COMPRESSING = { ...COMMON, listeners: ["frame"] } as const;

const binary = (size: number) => () =>
  encodeFrame("binary", new Uint8Array(size), MASKED);

/** A message with the default of MAX_FRAGMENTS frames. */
const crumbs = lazy(() => {
  const one = encodeFrame("continuation", "x", OPEN);
  const middle = new Uint8Array(one.length * (131_072 - 2));
  for (let at = 0; at < middle.length; at += one.length) middle.set(one, at);
  return joined(
    encodeFrame("text", "x", OPEN),
    middle,
    encodeFrame("continuation", "x", MASKED),
  );
});

/** The attacks. */
export const FAIRNESS: readonly Attack[] = [
  {
    ...COMMON,
    name: "messages of 16 KiB, echoed in fragments of 1 byte",
    clients: 1,
    path: "/ws?fragment=1",
    listeners: ["frame"],
    behave: flood(binary(16 * 1024)),
  },
  {
    ...COMPRESSING,
    name: "compressed messages of 1100 bytes",
    clients: 1,
    behave: flood(
      () => compressedFrame("binary", noise(1100)),
      { fields: DEFLATE },
    ),
  },
  {
    ...COMPRESSING,
    name: "messages of 1100 bytes with compression agreed",
    clients: 1,
    behave: flood(() => encodeFrame("text", noise(550).toHex(), MASKED), {
      fields: DEFLATE,
    }),
  },
  {
    ...COMPRESSING,
    name: "bombs, echoed in fragments of 1 KiB",
    clients: 10,
    path: "/ws?fragment=1024",
    behave: flood(bomb, { fields: DEFLATE }),
  },
  {
    ...COMPRESSING,
    name: "UTF-8 bombs",
    clients: 10,
    behave: flood(utf8Bomb, { fields: DEFLATE }),
  },
  {
    ...COMPRESSING,
    name: "bombs on /ws_partial",
    clients: 10,
    path: "/ws_partial",
    behave: flood(bomb, { fields: DEFLATE }),
  },
  {
    ...COMPRESSING,
    name: "bombs on /frames",
    clients: 10,
    path: "/frames",
    behave: flood(bomb, { fields: DEFLATE }),
  },
  {
    ...COMPRESSING,
    name: "bombs that are not answered",
    clients: 10,
    path: "/ws?mute=1",
    behave: flood(bomb, { fields: DEFLATE }),
  },
  {
    ...COMPRESSING,
    name: "random messages of 16 MiB with compression agreed",
    clients: 1,
    behave: flood(() => encodeFrame("binary", noise(LARGEST), MASKED), {
      fields: DEFLATE,
    }),
  },
  {
    ...COMMON,
    name: "messages of 256 KiB on /ws_partial",
    clients: 1,
    path: "/ws_partial",
    behave: flood(binary(256 * 1024)),
  },
  {
    ...COMMON,
    name: "messages of 1 MiB",
    clients: 5,
    behave: flood(binary(2 ** 20)),
  },
  {
    ...COMMON,
    name: "messages of 64 KiB that are not answered",
    clients: 20,
    path: "/ws?mute=1",
    behave: flood(binary(64 * 1024)),
  },
  {
    ...COMMON,
    name: "texts of 16 MiB",
    clients: 5,
    behave: flood(() =>
      encodeFrame("text", bytesOf("\u00e9".repeat(LARGEST / 2)), MASKED)
    ),
  },
  {
    ...COMMON,
    name: "messages of 131072 fragments",
    clients: 5,
    behave: flood(crumbs),
  },
  {
    ...COMMON,
    name: "messages of 131072 fragments on /frames?report=1",
    clients: 5,
    path: "/frames?report=1",
    behave: flood(crumbs),
  },
  {
    ...COMMON,
    name: "texts in many ticks",
    clients: 250,
    path: "/ws?tick=10",
    async behave(target, signal) {
      using socket = await Socket.upgrade(target, signal);
      await socket.drain();
    },
  },
  {
    ...COMMON,
    name: "delayed messages with jitter",
    clients: 20,
    path: "/ws?delay=200&jitter=200",
    behave: flood(binary(16)),
  },
  {
    ...COMMON,
    name: "nested JSON of 60 KB on /stash",
    clients: 4,
    path: "/stash",
    behave: flood(() =>
      encodeFrame(
        "text",
        `{"action":"set","key":"a","value":${"[".repeat(30_000)}${
          "]".repeat(30_000)
        }}`,
        MASKED,
      )
    ),
  },
  {
    ...COMPRESSING,
    name: "texts of 60 KB with compression agreed",
    clients: 1,
    behave: flood(() => encodeFrame("text", noise(30_000).toHex(), MASKED), {
      fields: DEFLATE,
    }),
  },
];
