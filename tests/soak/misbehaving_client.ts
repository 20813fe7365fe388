/**
 * The misbehaving clients of the soak test: they break rules of the protocol, or
 * disconnect in the middle of a message.
 *
 * @module
 */

import { closePayload, encodeFrame } from "../../lib/client/frame.ts";
import type { Random } from "../fuzz/random.ts";
import { pause, reset, Socket, type Target } from "../hostile/socket.ts";
import { handshake } from "../integration/support/wire.ts";

type Misbehaviour = (
  target: Target,
  random: Random,
  signal: AbortSignal,
) => Promise<void>;

const HANDSHAKE = new TextEncoder().encode(handshake("/ws"));
const LARGE = encodeFrame("binary", new Uint8Array(50_000).fill(7));

/** Upgrades, sends invalid bytes and reads to the end. */
function sends(bytes: Uint8Array): Misbehaviour {
  return async (target, _random, signal) => {
    using socket = await Socket.upgrade(target, signal);
    await socket.write(bytes);
    await socket.drain();
  };
}

const MISBEHAVIOURS: readonly Misbehaviour[] = [
  sends(encodeFrame("binary", "", { length: 2n ** 62n })),
  sends(encodeFrame("text", Uint8Array.of(0xc0, 0xaf))),
  sends(encodeFrame("text", "no mask", { mask: "none" })),
  sends(encodeFrame("close", closePayload(1006))),
  sends(encodeFrame(3, "reserved")),
  async function disconnectsInAFrame(target, random, signal) {
    using socket = await Socket.upgrade(target, signal);
    await socket.write(LARGE.subarray(0, random.below(LARGE.length)));
  },
  async function staysHalfOpen(target, random, signal) {
    using socket = await Socket.connect(target, signal);
    await socket.write(HANDSHAKE.subarray(0, random.below(HANDSHAKE.length)));
    await pause(random.below(8000), signal);
  },
  async function readsNothing(target, random, signal) {
    using socket = await Socket.upgrade(target, signal);
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await socket.write(LARGE);
    })().catch(() => {});
    await pause(random.below(5000), signal);
    socket[Symbol.dispose]();
    await writing;
  },
  async function resets(target, random) {
    const frame = encodeFrame("text", "hostile");
    const bytes = new Uint8Array(HANDSHAKE.length + frame.length);
    bytes.set(HANDSHAKE);
    bytes.set(frame, HANDSHAKE.length);
    const length = random.below(bytes.length + 1);
    await reset(target, bytes.subarray(0, length), length >= HANDSHAKE.length);
  },
  async function sendsNoHttp(target, _random, signal) {
    using socket = await Socket.connect(target, signal);
    await socket.write(new TextEncoder().encode("\r\n\r\nEHLO x\r\n\r\n"));
    await socket.drain();
  },
];

/**
 * Runs a client that misbehaves once.
 *
 * @param target the server
 * @param random chooses the misbehaviour
 * @param signal closes the connection
 */
export async function misbehave(
  target: Target,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  try {
    await random.of(MISBEHAVIOURS)(target, random, signal);
  } catch {
    // The server is expected to end the connection.
  }
}
