/**
 * The parts that the tables of cases are made of.
 *
 * @module
 */

import { CLOSE_CODE } from "../../protocol/close_code.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import type {
  CaseEntry,
  ClosingRule,
  Exchange,
  ExpectedEvent,
  FrameStep,
  Step,
} from "../case/case.ts";

/** The opcode of CONTINUATION. */
export const CONTINUATION: number = OPCODE_NUMBER.continuation;
/** The opcode of text messages. */
export const TEXT: number = OPCODE_NUMBER.text;
/** The opcode of binary messages. */
export const BINARY: number = OPCODE_NUMBER.binary;
/** The opcode of CLOSE. */
export const CLOSE: number = OPCODE_NUMBER.close;
/** The opcode of PING. */
export const PING: number = OPCODE_NUMBER.ping;
/** The opcode of PONG. */
export const PONG: number = OPCODE_NUMBER.pong;

const encoder = new TextEncoder();

/** Encodes a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Decodes hexadecimal digits. */
export function hex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(digits);
}

/** Makes a payload of one repeated byte. */
export function filled(length: number, byte: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(byte);
}

/** Bytes that are no UTF-8. */
export const RAW_BYTES: Uint8Array = hex("00fffefdfcfb00ff");

/** The engine closes with 1000, after the expected events. */
export const NORMAL_CLOSE: ClosingRule = {
  by: "engine",
  codes: [CLOSE_CODE.normal],
  clean: true,
};

/** The peer has to fail the connection, with CLOSE 1002 or without CLOSE. */
export const PROTOCOL_ERROR: ClosingRule = {
  by: "peer",
  codes: [CLOSE_CODE.protocolError],
  clean: false,
};

/** The peer has to fail the connection, with CLOSE 1007 or without CLOSE. */
export const INVALID_TEXT: ClosingRule = {
  by: "peer",
  codes: [CLOSE_CODE.invalidPayload],
  clean: false,
  wrongSideFails: true,
};

/** A frame. */
export function frame(
  opcode: number,
  payload?: Uint8Array | string,
  options: Omit<FrameStep, "do" | "opcode" | "payload"> = {},
): FrameStep {
  return {
    do: "frame",
    opcode,
    ...(payload !== undefined && {
      payload: typeof payload === "string" ? utf8(payload) : payload,
    }),
    ...options,
  };
}

/** A message that comes back. */
export function echo(
  opcode: "text" | "binary",
  payload: Uint8Array | string,
): ExpectedEvent {
  return {
    kind: "message",
    opcode,
    payload: typeof payload === "string" ? utf8(payload) : payload,
  };
}

/** A PONG that comes back. */
export function pong(payload: Uint8Array | string): ExpectedEvent {
  return {
    kind: "pong",
    payload: typeof payload === "string" ? utf8(payload) : payload,
  };
}

/** Fails the connection if it is not over in time. */
export function killAfter(seconds: number): Step {
  return { do: "killAfter", seconds };
}

/** Closes the connection if it is not over in time. */
export function closeAfter(seconds: number): Step {
  return { do: "closeAfter", seconds };
}

/** Makes an exchange. */
export function exchange(
  steps: readonly Step[],
  ok: readonly ExpectedEvent[],
  options: Partial<Pick<Exchange, "nonStrict" | "closesWhenDone">> = {},
): Exchange {
  return { kind: "exchange", steps, ok, closesWhenDone: true, ...options };
}

/**
 * Makes the cases of a group.
 *
 * @param prefix of the ids, such as `1.1`
 * @param entries in order
 */
export function numbered(
  prefix: string,
  entries: readonly Omit<CaseEntry, "id">[],
): CaseEntry[] {
  return entries.map((entry, i) => ({ id: `${prefix}.${i + 1}`, ...entry }));
}
