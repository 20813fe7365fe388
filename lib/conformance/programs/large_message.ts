/**
 * Runs a {@linkcode LargeMessage}. As in the suite, the verdict depends on type and length
 * of the echo. Its content is compared, but only named in the reason.
 *
 * @module
 */

import { OPCODE_NUMBER } from "../../websocket.ts";
import type { LargeMessage } from "../case/case.ts";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import type { ReceivedEvent } from "../case/result.ts";
import type { Endpoint } from "../engine/endpoint.ts";
import { repeating } from "../engine/message_chunks.ts";
import type { ProgramVerdict, RunningProgram } from "./running_program.ts";
import type { WireLog } from "../engine/wire_log.ts";

/** A large message while the case runs. */
export class RunningLargeMessage implements RunningProgram {
  /** Nothing is compared at the end. */
  readonly received: readonly ReceivedEvent[] = [];

  readonly #message: LargeMessage;
  readonly #endpoint: Endpoint;
  readonly #log: WireLog;
  #verdict: ProgramVerdict;
  #isSame = true;

  /**
   * Prepares a message.
   *
   * @param message to send
   * @param endpoint the engine's end
   * @param log is off until the echo is there
   */
  constructor(message: LargeMessage, endpoint: Endpoint, log: WireLog) {
    this.#message = message;
    this.#endpoint = endpoint;
    this.#log = log;
    this.#verdict = {
      behavior: "FAILED",
      result: `No message came back within ${message.seconds} s.`,
    };
  }

  /** Sends the message. */
  start(): void {
    const { opcode, pattern, length, fragmentSize, chop, seconds } =
      this.#message;
    this.#log.enable(false);
    this.#endpoint.send({
      opcode: OPCODE_NUMBER[opcode],
      rsv: 0,
      final: true,
      length,
      fragmentSize,
      fill: repeating(pattern),
    }, { chop });
    this.#endpoint.closeAfter(seconds);
  }

  /** Compares a part of the echo. */
  part(bytes: Uint8Array, offset: number): void {
    if (!this.#isSame) return;
    const { pattern } = this.#message;
    for (let i = 0, at = offset % pattern.length; i < bytes.length; i++) {
      if (bytes[i] !== pattern[at]) {
        this.#isSame = false;
        return;
      }
      at = at + 1 === pattern.length ? 0 : at + 1;
    }
  }

  /** Compares type and length of the echo, and closes. */
  message(opcode: "text" | "binary", length: number): void {
    // As in the suite, a message after a correct echo does not undo it.
    if (this.#verdict.behavior !== "OK") {
      this.#verdict = this.#judge(opcode, length);
    }
    this.#log.enable(true);
    this.#endpoint.sendClose(CLOSE_CODE.normal);
  }

  /** Is not expected, and is ignored. */
  pong(): void {}

  /** The verdict at the end. */
  verdict(): ProgramVerdict {
    return this.#verdict;
  }

  #judge(opcode: string, length: number): ProgramVerdict {
    const { opcode: type, length: wanted } = this.#message;
    const got = `A ${opcode} message of ${length} bytes came back`;
    if (opcode !== type || length !== wanted) {
      const result = `${got}, not a ${type} message of ${wanted} bytes.`;
      return { behavior: "FAILED", result };
    }
    const note = this.#isSame ? "." : ", with other content than sent.";
    return { behavior: "OK", result: got + note };
  }
}
