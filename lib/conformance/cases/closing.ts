/**
 * Family 7: the closing handshake, close codes and reasons.
 *
 * @module
 */

import { CLOSE_CODE } from "../../protocol/close_code.ts";
import type { CaseEntry, ClosingRule, Step } from "../case/case.ts";
import {
  CLOSE,
  CONTINUATION,
  echo,
  exchange,
  filled,
  frame,
  hex,
  killAfter,
  NORMAL_CLOSE,
  numbered,
  PING,
  TEXT,
  utf8,
} from "./parts.ts";

const HANDSHAKE = "RFC 6455 §7.1.2";
const FRAME = "RFC 6455 §5.5.1";
const CODES = "RFC 6455 §7.4";

const CLEAN = "Both sides send CLOSE, with the code 1000 or without a code.";
const IGNORED = "Both sides send CLOSE; the frame after the CLOSE is ignored.";
const REFUSED = "CLOSE with 1002, or the end of TCP.";

const HELLO = "Hello World!";

const close: Step = { do: "close", code: CLOSE_CODE.normal };

/** The engine closes first, with an error that the peer may answer with one of the codes. */
function answeredBy(...codes: readonly number[]): ClosingRule {
  return { by: "engine", codes, clean: false };
}

const INVALID_CLOSE = answeredBy(CLOSE_CODE.protocolError);

/** The valid close codes that are tried. */
const VALID_CODES = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011],
  ...[3000, 3999, 4000, 4999],
];

/** Close codes that may not be in a CLOSE frame. */
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];

/** Close codes that RFC 6455 does not mention. */
const UNKNOWN_CODES = [5000, 65_535];

/** 256 KiB. */
const LARGE = 256 * 1024;

/** The cases 7.1.1 to 7.13.2. */
export const CLOSING: readonly CaseEntry[] = [
  ...numbered("7.1", [
    {
      section: HANDSHAKE,
      description: "A text message, and CLOSE when its echo is there.",
      expectation: "The message comes back; then both sides close.",
      closing: NORMAL_CLOSE,
      program: exchange(
        [frame(TEXT, HELLO), killAfter(1)],
        [echo("text", HELLO)],
      ),
      lastRule: "wrong code fails",
    },
    after("Two CLOSE frames.", [close, frame(CLOSE)]),
    after("CLOSE, then a PING.", [close, frame(PING)]),
    after("CLOSE, then a text message.", [close, frame(TEXT, HELLO)]),
    after("A fragment, CLOSE, and the last fragment.", [
      frame(TEXT, "fragment1", { final: false }),
      close,
      frame(CONTINUATION, "fragment2"),
    ]),
    {
      section: HANDSHAKE,
      description: `A text message of ${LARGE} bytes, a short one, CLOSE and ` +
        "a PING, as fast as possible.",
      expectation: "Shows whether the peer answers messages in front of a " +
        "CLOSE before it closes. RFC 6455 permits both.",
      closing: NORMAL_CLOSE,
      program: exchange(
        [
          frame(TEXT, "BAsd7&jh23", { length: LARGE }),
          frame(TEXT, HELLO),
          close,
          frame(PING),
          killAfter(1),
        ],
        [echo("text", HELLO)],
        { nonStrict: [], closesWhenDone: false },
      ),
      lastRule: "informational",
    },
  ]),
  ...numbered("7.3", [
    closeFrame("An empty CLOSE.", {}, CLEAN, NORMAL_CLOSE),
    closeFrame(
      "A CLOSE with one byte, half a code.",
      { reason: utf8("a") },
      REFUSED,
      INVALID_CLOSE,
    ),
    closeFrame(
      "A CLOSE with a code.",
      { code: CLOSE_CODE.normal },
      CLEAN,
      NORMAL_CLOSE,
    ),
    closeFrame(
      "A CLOSE with a code and a reason.",
      { code: CLOSE_CODE.normal, reason: utf8(HELLO) },
      CLEAN,
      NORMAL_CLOSE,
    ),
    closeFrame(
      "A CLOSE with a reason of 123 bytes, the maximum.",
      { code: CLOSE_CODE.normal, reason: filled(123, 0x2a) },
      CLEAN,
      NORMAL_CLOSE,
    ),
    closeFrame(
      "A CLOSE with a reason of 124 bytes, one too many.",
      { code: CLOSE_CODE.normal, reason: filled(124, 0x2a) },
      REFUSED,
      INVALID_CLOSE,
    ),
  ]),
  ...numbered("7.5", [
    {
      ...closeFrame(
        "A CLOSE whose reason is not UTF-8.",
        {
          code: CLOSE_CODE.normal,
          reason: hex("cebae1bdb9cf83cebcceb5eda080656469746564"),
        },
        "CLOSE with 1002 or 1007, or the end of TCP.",
        answeredBy(CLOSE_CODE.protocolError, CLOSE_CODE.invalidPayload),
      ),
      section: "RFC 6455 §8.1",
    },
  ]),
  ...numbered(
    "7.7",
    VALID_CODES.map((code) => ({
      section: CODES,
      description: `A CLOSE with the valid code ${code}.`,
      expectation: "Both sides send CLOSE, with this code, with 1000 or " +
        "without a code.",
      closing: {
        by: "engine" as const,
        codes: [CLOSE_CODE.normal, code],
        clean: true,
      },
      program: closeOnly({ code }),
      lastRule: "wrong code fails" as const,
    })),
  ),
  ...numbered(
    "7.9",
    INVALID_CODES.map((code) => ({
      section: CODES,
      description: `A CLOSE with the invalid code ${code}.`,
      expectation: REFUSED,
      closing: INVALID_CLOSE,
      program: closeOnly({ code }),
      lastRule: "wrong code fails" as const,
    })),
  ),
  ...numbered(
    "7.13",
    UNKNOWN_CODES.map((code) => ({
      section: CODES,
      description: `A CLOSE with the code ${code}.`,
      expectation:
        "Shows how the peer answers a code that RFC 6455 does not mention.",
      closing: answeredBy(CLOSE_CODE.normal, code, CLOSE_CODE.protocolError),
      program: closeOnly({ code }),
      lastRule: "informational" as const,
    })),
  ),
];

function closeOnly(
  payload: { readonly code?: number; readonly reason?: Uint8Array },
) {
  return exchange([{ do: "close", ...payload }, killAfter(1)], [], {
    closesWhenDone: false,
  });
}

function after(
  description: string,
  steps: readonly Step[],
): Omit<CaseEntry, "id"> {
  return {
    section: FRAME,
    description,
    expectation: IGNORED,
    closing: NORMAL_CLOSE,
    program: exchange([...steps, killAfter(1)], [], { closesWhenDone: false }),
    lastRule: "wrong code fails",
  };
}

function closeFrame(
  description: string,
  payload: { readonly code?: number; readonly reason?: Uint8Array },
  expectation: string,
  closing: ClosingRule,
): Omit<CaseEntry, "id"> {
  return {
    section: FRAME,
    description,
    expectation,
    closing,
    program: closeOnly(payload),
    lastRule: "wrong code fails",
  };
}
