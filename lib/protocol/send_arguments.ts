/**
 * The types of the arguments of `connection.send()`, for both listeners. Calls
 * without options that send a text, bytes or the received frame need no check.
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import {
  type Frame,
  type Opcode,
  OPCODE_NUMBER,
  type SendOptions,
} from "../websocket.ts";

const OPCODES = Object.keys(OPCODE_NUMBER).join(", ");

/**
 * Checks the options of a call.
 *
 * @param options of the call
 * @throws {TypeError} an option of another type, or an unknown opcode
 * @throws {RangeError} a fragment size that is negative or no integer
 */
export function checkSendOptions(options: SendOptions): void {
  if (typeof options !== "object" || options === null) {
    throw wrongArgument("options", "an object", options);
  }
  const { opcode, final, fragmentSize } = options;
  if (opcode !== undefined) checkOpcode(opcode);
  if (final !== undefined && typeof final !== "boolean") {
    throw wrongArgument("final", "true, false", final);
  }
  if (fragmentSize !== undefined) checkFragmentSize(fragmentSize);
}

/**
 * Returns the opcode for sending a received frame: `continuation` for all parts of a frame
 * but the first.
 *
 * @param frame to send
 * @throws {TypeError} the frame has no known opcode
 */
export function opcodeToSend(frame: Frame): Opcode {
  if (frame.offset > 0) return "continuation";
  checkOpcode(frame.opcode);
  return frame.opcode;
}

/**
 * Returns the payload of a frame to send.
 *
 * @param frame neither a text nor bytes
 * @throws {TypeError} the value is no frame
 */
export function payloadToSend(frame: Frame): Uint8Array {
  const payload: unknown = frame?.payload;
  if (payload instanceof Uint8Array) return payload;
  throw wrongArgument("data", "a string, a Uint8Array, a Frame", frame);
}

function checkOpcode(opcode: unknown): void {
  if (typeof opcode === "string" && Object.hasOwn(OPCODE_NUMBER, opcode)) {
    return;
  }
  throw wrongArgument("opcode", OPCODES, opcode);
}

function checkFragmentSize(size: unknown): void {
  if (typeof size !== "number") {
    throw wrongArgument("fragmentSize", "a number of bytes", size);
  }
  if (size >= 0 && (Number.isInteger(size) || size === Infinity)) return;
  throw new RangeError(`fragmentSize is ${size}; allowed: an integer from 0`);
}
