/**
 * Puts a client's frames together to messages, and inflates them.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { promisify } from "node:util";
import { constants, inflateRaw } from "node:zlib";
import { concat } from "../../../lib/client/concat.ts";
import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";
import { ByteCollector } from "../../../lib/memory/byte_collector.ts";
import type { Held } from "../../../lib/memory/held.ts";
import { HeldMessage } from "../engine/held_message.ts";

/** A data frame of the client. */
export interface DataFrame {
  /** 0 to 2. */
  readonly opcode: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** RSV1 is 4. */
  readonly rsv: number;
  /** Unmasked; valid during the call. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A message of the client that fails the connection. */
export class MessageFault extends Error {
  /** The class's name. */
  override readonly name = "MessageFault";
  /** The close code for the client. */
  readonly code: number;

  /** Makes a fault. */
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The bytes that a compressed message leaves out (RFC 7692 §7.2.2). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

const inflate = promisify(
  inflateRaw as (
    data: Uint8Array,
    options: object,
    done: (error: Error | null, data: Uint8Array<ArrayBuffer>) => void,
  ) => void,
);

/** Assembles the messages of one client. */
export class MessageAssembler {
  readonly #maxBytes: number;
  readonly #fragments: ByteCollector;
  /** Opcode and RSV bits of the first frame of an unfinished message. */
  #first: Pick<DataFrame, "opcode" | "rsv"> | undefined;

  /**
   * Starts outside a message.
   *
   * @param maxBytes of a message, before and after inflating
   * @param held counts the memory that it holds
   */
  constructor(maxBytes: number, held: Held) {
    this.#maxBytes = maxBytes;
    this.#fragments = new ByteCollector(held);
  }

  /**
   * Adds a frame, whose order is checked already.
   *
   * @param frame a data frame
   * @returns the message that it ends
   * @throws {MessageFault} a message that is too long, no UTF-8 or no deflate data
   */
  async add(
    { opcode, rsv, final, payload: part }: DataFrame,
  ): Promise<HeldMessage | undefined> {
    this.#first ??= { opcode, rsv };
    const fragments = this.#fragments;
    if (fragments.length + part.length > this.#maxBytes) throw tooLong();
    fragments.append(part);
    if (!final) return undefined;
    const first = this.#first;
    this.#first = undefined;
    const raw = fragments.take();
    const payload = first.rsv === 0 ? raw : await this.#inflate(raw);
    if (first.opcode !== OPCODE_NUMBER.text) {
      return new HeldMessage("binary", payload);
    }
    if (isUtf8(payload)) return new HeldMessage("text", payload);
    throw new MessageFault(CLOSE_CODE.invalidPayload, "a text is not UTF-8");
  }

  async #inflate(
    raw: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return Uint8Array.from(
        await inflate(concat([raw, TAIL]), {
          finishFlush: constants.Z_SYNC_FLUSH,
          maxOutputLength: this.#maxBytes,
        }),
      );
    } catch (error) {
      if (error instanceof RangeError) throw tooLong();
      throw new MessageFault(
        CLOSE_CODE.invalidPayload,
        "a compressed message is no deflate data",
      );
    }
  }
}

function tooLong(): MessageFault {
  return new MessageFault(CLOSE_CODE.tooBig, "a message is too long");
}
