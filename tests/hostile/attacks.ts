/**
 * The attacks: what a hostile peer does, again and again, as long as it is let.
 *
 * @module
 */

import { closePayload, encodeFrame } from "../../lib/client/frame.ts";
import { handshake } from "../integration/wire.ts";
import { pause, reset, Socket, type Target } from "./socket.ts";

/** One kind of hostility. */
export interface Attack {
  /** Its name, in words. */
  readonly name: string;
  /** Peers that do it at once, where the caller has no wish. */
  readonly peers: number;
  /**
   * One peer; it may return, or fail, when the server has had enough of it.
   *
   * @param target what is attacked
   * @param signal is aborted when the attack ends
   */
  behave(target: Target, signal: AbortSignal): Promise<void>;
}

/** Milliseconds until a peer that was thrown out is back. */
const RETURN = 20;

const NO_BYTES = new Uint8Array(0);

/** Bytes that one write of a flood has, about. */
const FLOOD = 64 * 1024;

const HEAD = new TextEncoder().encode(
  "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Filler: ",
);

const FILLER = new Uint8Array(FLOOD).fill(0x61);

const SILENCE = new Uint8Array(FLOOD);

/** The same frame as often as a write of a flood holds it. */
function repeated(frame: Uint8Array): Uint8Array {
  const count = Math.ceil(FLOOD / frame.length);
  const all = new Uint8Array(count * frame.length);
  for (let i = 0; i < count; i++) all.set(frame, i * frame.length);
  return all;
}

function flood(frame: Uint8Array, reads: boolean): Attack["behave"] {
  const bytes = repeated(frame);
  return async (target, signal) => {
    using socket = await Socket.upgrade(target, signal);
    const reading = reads ? socket.drain().catch(() => {}) : undefined;
    await socket.flood(bytes);
    await reading;
  };
}

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

const PING = encodeFrame("ping", "x".repeat(125));
const TEXT = encodeFrame("text", "hostile");
const MASKED = { mask: new Uint8Array(4) };
const OPEN = { final: false, ...MASKED };

/** Where a peer resets the connection: what it has sent, and whether it saw an answer. */
const STATES: readonly (readonly [bytes: Uint8Array, answered: boolean])[] = [
  [NO_BYTES, false],
  [HEAD, false],
  [bytesOf(handshake("/ws")), false],
  [bytesOf(handshake("/ws")), true],
  [joined(bytesOf(handshake("/ws")), TEXT), true],
  [joined(bytesOf(handshake("/ws")), TEXT.subarray(0, 4)), true],
  [joined(bytesOf(handshake("/ws")), encodeFrame("text", "a", OPEN)), true],
  [joined(bytesOf(handshake("/ws")), repeated(TEXT)), true],
  [
    joined(
      bytesOf(handshake("/ws")),
      encodeFrame("close", closePayload(1000)),
    ),
    true,
  ],
];

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Every attack that goes on for as long as one likes. */
export const ATTACKS: readonly Attack[] = [
  {
    name: "heads of a byte a second",
    peers: 100,
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
    peers: 20,
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      await socket.write(HEAD);
      await socket.flood(FILLER);
    },
  },
  {
    name: "half-open handshakes",
    peers: 1000,
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      await socket.write(HEAD);
      await Promise.race([socket.hold(), socket.drain()]);
    },
  },
  {
    name: "frames that claim 2^62 bytes",
    peers: 50,
    behave: rude(
      encodeFrame("binary", "", { ...MASKED, length: 2n ** 62n }),
    ),
  },
  {
    name: "messages of empty fragments without an end",
    peers: 20,
    async behave(target, signal) {
      using socket = await Socket.upgrade(target, signal);
      const reading = socket.drain().catch(() => {});
      await socket.write(encodeFrame("text", "", OPEN));
      await socket.flood(repeated(encodeFrame("continuation", "", OPEN)));
      await reading;
    },
  },
  { name: "PING floods", peers: 20, behave: flood(PING, true) },
  {
    name: "PING floods of peers that never read",
    peers: 20,
    behave: flood(PING, false),
  },
  {
    name: "CLOSE floods",
    peers: 20,
    behave: flood(encodeFrame("close", closePayload(1000)), true),
  },
  { name: "floods of messages", peers: 20, behave: flood(TEXT, true) },
  {
    name: "floods of peers that never read",
    peers: 20,
    behave: flood(encodeFrame("binary", new Uint8Array(1000)), false),
  },
  {
    name: "floods of empty messages of peers that never read",
    peers: 5,
    behave: flood(encodeFrame("text", ""), false),
  },
  {
    name: "floods of peers that read a byte a second",
    peers: 20,
    async behave(target, signal) {
      using socket = await Socket.upgrade(target, signal);
      const flooding = socket.flood(repeated(TEXT)).catch(() => {});
      while (await socket.readByte()) await pause(1000, signal);
      await flooding;
    },
  },
  {
    name: "resets in every state",
    peers: 20,
    async behave(target) {
      for (const [bytes, answered] of STATES) {
        await reset(target, bytes, answered);
      }
    },
  },
];

/**
 * Lets peers loose on a server.
 *
 * @param attack what they do
 * @param target the server
 * @param peers how many do it at once
 * @param signal ends it
 */
export async function run(
  attack: Attack,
  target: Target,
  peers: number,
  signal: AbortSignal,
): Promise<void> {
  const one = async () => {
    while (!signal.aborted) {
      await attack.behave(target, signal).catch(() => {});
      await pause(RETURN, signal);
    }
  };
  await Promise.all(Array.from({ length: peers }, one));
}
