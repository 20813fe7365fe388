/**
 * permessage-deflate on the engine's side (RFC 7692 §7.2).
 *
 * @module
 */

import type { DeflateAgreement } from "../../frame/codec/deflate_offer.ts";
import { MessageDeflater } from "../../frame/connection/message_deflater.ts";
import { MessageInflater } from "../../frame/connection/message_inflater.ts";
import {
  deflaters,
  inflaters,
  type WindowUse,
} from "../../frame/connection/zlib_pool.ts";
import { nextSlice } from "../../scheduling/scheduler.ts";
import type { Role } from "../case/result.ts";

/** Inflated bytes of one part of a frame at most. */
const MAX_INFLATED = 2 ** 20;

/** Deflates the engine's messages, and inflates the peer's. */
export class Compression {
  /** Bytes of zlib's memory. */
  readonly memory: number;
  readonly #deflater: MessageDeflater;
  readonly #inflater: MessageInflater;

  /**
   * Makes the compression of a connection.
   *
   * @param agreement the negotiated parameters
   * @param role the engine's role
   */
  constructor(agreement: DeflateAgreement, role: Role) {
    const server: WindowUse = {
      maxWindowBits: agreement.serverMaxWindowBits,
      noContextTakeover: agreement.serverNoContextTakeover,
    };
    const client: WindowUse = {
      maxWindowBits: agreement.clientMaxWindowBits,
      noContextTakeover: agreement.clientNoContextTakeover,
    };
    const [own, peer] = role === "server" ? [server, client] : [client, server];
    this.memory = deflaters.size(own) + inflaters.size(peer);
    this.#deflater = new MessageDeflater(own);
    this.#inflater = new MessageInflater(peer, MAX_INFLATED);
  }

  /**
   * Deflates a message.
   *
   * @returns the payload, in memory of its own
   */
  deflate(payload: Uint8Array): Uint8Array {
    return this.#deflater.deflate(payload, true).slice();
  }

  /**
   * Inflates a part of a message, and yields to other work.
   *
   * @param opcode of the message
   * @param bytes of the part
   * @param final whether the message ends with it
   * @param deliver gets the inflated bytes; they are valid during the call
   * @returns why the data is invalid; `undefined`: it is valid
   */
  async inflate(
    opcode: number,
    bytes: Uint8Array,
    final: boolean,
    deliver: (bytes: Uint8Array) => void,
  ): Promise<string | undefined> {
    const inflater = this.#inflater;
    let outcome = inflater.push(opcode, bytes, 0, bytes.length, final);
    while (outcome === "more") {
      inflater.keep();
      await nextSlice();
      outcome = inflater.resume(bytes, bytes.length, final);
    }
    if (outcome !== undefined) return outcome.reason;
    const { length } = inflater;
    deliver(inflater.take().subarray(0, length));
    return undefined;
  }

  /** Gives zlib's memory back. */
  free(): void {
    this.#deflater.free();
    this.#inflater.free();
  }
}
