/**
 * Family 4: opcodes that RFC 6455 does not define.
 *
 * @module
 */

import type { CaseEntry } from "../case/case.ts";
import {
  echo,
  exchange,
  frame,
  killAfter,
  numbered,
  PING,
  PROTOCOL_ERROR,
  TEXT,
} from "./parts.ts";

const HELLO = "Hello, world!";

/** The cases 4.1.1 to 4.2.5. */
export const OPCODES: readonly CaseEntry[] = [
  ...numbered("4.1", [3, 4, 5, 6, 7].map((code, i) => entry(code, i))),
  ...numbered("4.2", [11, 12, 13, 14, 15].map((code, i) => entry(code, i))),
];

/**
 * Both groups have five cases of the same kinds: without and with a payload, the same
 * after a message, and byte by byte.
 */
function entry(opcode: number, kind: number): Omit<CaseEntry, "id"> {
  const type = opcode < 8 ? "data" : "control";
  const frameText = `a frame with the reserved ${type} opcode ${opcode}`;
  if (kind < 2) {
    const payload = kind === 0 ? undefined : "reserved opcode payload";
    return {
      section: "RFC 6455 §5.2",
      description: kind === 0
        ? `${capital(frameText)}, without a payload.`
        : `${capital(frameText)}, with a payload.`,
      expectation: "The connection fails with 1002.",
      closing: PROTOCOL_ERROR,
      program: exchange([frame(opcode, payload), killAfter(1)], []),
    };
  }
  const writes = kind === 4 ? { chop: 1 } : {};
  const payload = kind === 2 ? undefined : HELLO;
  return {
    section: "RFC 6455 §5.2",
    description: `A text message, ${frameText} ` +
      `${kind === 2 ? "without" : "with"} a payload, and a PING` +
      (kind === 4 ? ", written byte by byte." : "."),
    expectation:
      "The message comes back; then the connection fails with 1002, without a PONG.",
    closing: PROTOCOL_ERROR,
    program: exchange(
      [
        frame(TEXT, HELLO, writes),
        frame(opcode, payload, writes),
        frame(PING, undefined, writes),
        killAfter(1),
      ],
      [echo("text", HELLO)],
      { nonStrict: [] },
    ),
  };
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
