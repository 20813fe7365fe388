/**
 * The faults that are tried, each with the cases that fail because of it.
 *
 * @module
 */

import { closePayload } from "../../../lib/client/frame.ts";
import type {
  Case,
  Exchange,
  ExpectedEvent,
} from "../../../lib/conformance/case/case.ts";
import type { DeflateRequest } from "../../../lib/conformance/case/deflate_parameters.ts";
import { selectCases } from "../../../lib/conformance/selection.ts";
import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import type { Check, Faults, Message } from "./faulty_client.ts";

/** A fault of a client. */
export interface Mutation {
  /** What the client does. */
  readonly name: string;
  /** The fault. */
  readonly faults: Faults;
  /** The cases that run. */
  readonly among: readonly Case[];
  /** Whether a case fails. */
  readonly fails: (testCase: Case) => boolean;
}

const select = (...cases: readonly string[]) => selectCases({ cases });

/** Families 1 to 7 and 10: their cases take milliseconds. */
export const FRAMES: readonly Case[] = select(
  ...["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"],
);
/** Family 9. */
export const LIMITS: readonly Case[] = select("9.*");
const COMPRESSED = select("12.*", "13.*");
const ALL = select("*");

/** One size of each payload of 12, and one of each kind of parameters of 13. */
export const SOME_COMPRESSED: readonly Case[] = select(
  ...[1, 2, 3, 4, 5].map((n) => `12.${n}.8`),
  ...[1, 2, 3, 4, 5, 6, 7].map((n) => `13.${n}.8`),
);

const accepts = (...checks: readonly Check[]): Faults => ({
  accepts: new Set(checks),
});

/** Base-2 logarithm of the largest window (RFC 7692 §7.1.2). */
const LARGEST_WINDOW = 15;

const none = () => false;

/** Cases by their ids. */
function ids(...patterns: readonly string[]): (testCase: Case) => boolean {
  const found = new Set(select(...patterns));
  return (testCase) => found.has(testCase);
}

/** Whether the events of a correct client have one of a kind; of each kind of client. */
function expects(
  { lastRule, program }: Case,
  isIt: (event: ExpectedEvent) => boolean,
  patterns: (exchange: Exchange) => readonly (readonly ExpectedEvent[])[],
): boolean {
  if (lastRule === "informational") return false;
  if (program.kind !== "exchange") {
    const { opcode, length } = program;
    const payload = new Uint8Array(Math.min(length, 1));
    return isIt({ kind: "message", opcode, payload });
  }
  return patterns(program).every((events) => events.some(isIt));
}

const best = ({ ok }: Exchange) => [ok];
const permitted = ({ ok, nonStrict }: Exchange) =>
  nonStrict === undefined ? [ok] : [ok, nonStrict];

const isMessage = ({ kind }: ExpectedEvent) => kind === "message";
const isLongMessage = (event: ExpectedEvent) =>
  event.kind === "message" && event.payload.length > 0;
const isPong = ({ kind }: ExpectedEvent) => kind === "pong";
const isLongPong = (event: ExpectedEvent) =>
  event.kind === "pong" && event.payload.length > 0;

/** No client passes without an echo. */
const needsMessage = (testCase: Case) =>
  expects(testCase, isMessage, permitted);

/** A client that echoes passes only with the right echo. */
const comparesMessage = (testCase: Case) => expects(testCase, isMessage, best);

/** The same, and the message is not empty. */
const comparesContent = (testCase: Case) =>
  expects(testCase, isLongMessage, best);

/** Both sides have to send CLOSE. */
const endsCleanly = ({ closing, lastRule }: Case) =>
  closing.clean && lastRule !== "informational";

/** The client has to close with an error. */
const demandsError = ({ closing, lastRule }: Case) =>
  !closing.codes.includes(CLOSE_CODE.normal) && lastRule !== "informational" &&
  !isAnswered(closing.codes);

/** 7.7: the client returns the code of the server. */
const isAnswered = (codes: readonly number[]) =>
  codes.length === 1 &&
  codes[0] !== CLOSE_CODE.protocolError &&
  codes[0] !== CLOSE_CODE.invalidPayload;

/** Changes the last byte of each message. */
function changed({ opcode, payload }: Message): Message {
  const copy = payload.slice();
  if (copy.length > 0) copy[copy.length - 1]! ^= 1;
  return { opcode, payload: copy };
}

/** Leaves the last byte of each message out. */
function shortened({ opcode, payload }: Message): Message {
  return { opcode, payload: payload.subarray(0, -1) };
}

/** Echoes with the other type. */
function retyped({ opcode, payload }: Message): Message {
  return { opcode: opcode === "text" ? "binary" : "text", payload };
}

const INVALID_TEXTS = [
  ...["6.3.*", "6.4.*", "6.6.1", "6.6.3", "6.6.4", "6.6.6", "6.6.8"],
  ...["6.6.10", "6.8.*", "6.10.*", "6.11.5", "6.12.*", "6.13.*", "6.14.*"],
  ...["6.15.*", "6.16.*", "6.17.*", "6.18.*", "6.19.*", "6.20.*", "6.21.*"],
];

const WRONG_ORDER = [
  ...["5.9", "5.10", "5.11", "5.12", "5.13", "5.14", "5.15", "5.16", "5.17"],
  "5.18",
];

const MIDDLE_PINGS = ["5.6", "5.7", "5.8", "5.19", "5.20"];

/** The faults. */
export const MUTATIONS: readonly Mutation[] = [
  // Messages.
  {
    name: "echoes nothing",
    faults: { echo: () => undefined },
    among: FRAMES,
    fails: needsMessage,
  },
  {
    name: "changes a byte of each message",
    faults: { echo: changed },
    among: [...FRAMES, ...COMPRESSED],
    fails: comparesContent,
  },
  {
    // The suite compares type and length of the messages of 9, not their content.
    name: "changes a byte of each large message",
    faults: { echo: changed },
    among: select("9.1.1", "9.2.1", "9.3.9", "9.4.9", "9.7.1", "9.8.1"),
    fails: none,
  },
  {
    name: "leaves the last byte of a message out",
    faults: { echo: shortened },
    among: [...FRAMES, ...LIMITS],
    fails: comparesContent,
  },
  {
    name: "echoes with the other type",
    faults: { echo: retyped },
    among: [...FRAMES, ...LIMITS],
    fails: comparesMessage,
  },
  {
    name: "never sets FIN",
    faults: { neverFinishes: true },
    among: FRAMES,
    fails: needsMessage,
  },
  {
    name: "puts fragments together in reverse order",
    faults: { assemble: (fragments) => fragments.toReversed() },
    among: FRAMES,
    fails: ids(
      ...["5.3", "5.4", "5.5", ...MIDDLE_PINGS, "5.15"],
      ...["6.2.2", "6.2.3", "6.2.4"],
    ),
  },
  {
    name: "loses the last fragment",
    faults: {
      assemble: (fragments) =>
        fragments.length > 1 ? fragments.slice(0, -1) : fragments,
    },
    among: FRAMES,
    // The last fragments of 6.1.2, 6.1.3 and 6.2.3 are empty.
    fails: ids(
      ...["5.3", "5.4", "5.5", ...MIDDLE_PINGS, "5.15", "6.2.2", "10.1.1"],
    ),
  },
  {
    name: "loses fragments at a control frame",
    faults: { losesFragments: true },
    among: FRAMES,
    fails: ids(...MIDDLE_PINGS),
  },
  {
    name: "limits messages to 65535 bytes",
    faults: { maxMessage: 65_535 },
    among: FRAMES,
    fails: ids("1.1.7", "1.1.8", "1.2.7", "1.2.8", "10.1.1"),
  },
  {
    name: "limits messages to 1 MiB",
    faults: { maxMessage: 2 ** 20 },
    among: LIMITS,
    fails: ids(
      ...["9.1.4", "9.1.5", "9.1.6", "9.2.4", "9.2.5", "9.2.6"],
      ...["9.3.*", "9.4.*"],
    ),
  },
  // Control frames.
  {
    name: "does not answer PING",
    faults: { pong: () => undefined },
    among: FRAMES,
    fails: (testCase) => expects(testCase, isPong, permitted),
  },
  {
    name: "answers PING with an empty PONG",
    faults: { pong: () => new Uint8Array(0) },
    among: FRAMES,
    fails: (testCase) => expects(testCase, isLongPong, permitted),
  },
  // Violations.
  {
    name: "accepts reserved bits",
    faults: accepts("reserved bits"),
    among: FRAMES,
    // In 3.7 the client has to send CLOSE in any case.
    fails: ids("3.1", "3.2", "3.3", "3.4", "3.5", "3.6"),
  },
  {
    name: "accepts reserved opcodes",
    faults: accepts("opcodes"),
    among: FRAMES,
    fails: ids("4.1.*", "4.2.*"),
  },
  {
    name: "accepts long control frames",
    faults: accepts("control length"),
    among: FRAMES,
    fails: ids("2.5", "7.3.6"),
  },
  {
    name: "accepts fragmented control frames",
    faults: accepts("control fragments"),
    among: FRAMES,
    // In 5.2 the CONTINUATION after the PONG is a violation, too.
    fails: ids("5.1"),
  },
  {
    name: "accepts fragments in any order",
    faults: accepts("fragment order"),
    among: FRAMES,
    fails: ids(...WRONG_ORDER),
  },
  {
    name: "accepts fragments of control frames in any order",
    faults: accepts("control fragments", "fragment order"),
    among: FRAMES,
    fails: ids("5.1", "5.2", ...WRONG_ORDER),
  },
  {
    name: "accepts texts that are not UTF-8",
    faults: accepts("UTF-8"),
    among: FRAMES,
    fails: ids(...INVALID_TEXTS),
  },
  {
    // NON-STRICT in 6.4.
    name: "checks a text at its end",
    faults: { checksTextsLate: true },
    among: FRAMES,
    fails: none,
  },
  {
    name: "closes with 1000 at a violation",
    faults: { violationCode: CLOSE_CODE.normal },
    among: FRAMES,
    fails: demandsError,
  },
  {
    name: "closes with 1011 at a violation",
    faults: { violationCode: CLOSE_CODE.internalError },
    among: FRAMES,
    fails: demandsError,
  },
  {
    // RFC 6455 §7.1.7 permits it.
    name: "ends TCP at a violation",
    faults: { dropsAtViolation: true },
    among: FRAMES,
    fails: none,
  },
  // The end.
  {
    name: "accepts a CLOSE of one byte",
    faults: {
      ...accepts("close length"),
      close: (payload) =>
        closePayload(payload.length < 2 ? 1000 : readCode(payload)),
    },
    among: FRAMES,
    fails: ids("7.3.2"),
  },
  {
    name: "accepts invalid close codes",
    faults: accepts("close codes"),
    among: FRAMES,
    fails: ids("7.9.*"),
  },
  {
    name: "accepts close reasons that are not UTF-8",
    faults: accepts("close reasons"),
    among: FRAMES,
    fails: ids("7.5.1"),
  },
  {
    name: "does not answer CLOSE",
    faults: { close: () => undefined },
    among: FRAMES,
    fails: endsCleanly,
  },
  {
    name: "answers CLOSE with 1002",
    faults: { close: () => closePayload(CLOSE_CODE.protocolError) },
    among: FRAMES,
    fails: (testCase) =>
      endsCleanly(testCase) &&
      !testCase.closing.codes.includes(CLOSE_CODE.protocolError),
  },
  {
    name: "ends TCP in place of CLOSE",
    faults: { dropsAtClose: true },
    among: FRAMES,
    fails: endsCleanly,
  },
  {
    name: "answers the frames after a CLOSE first",
    faults: { answersCloseLate: true },
    among: FRAMES,
    fails: ids("7.1.3", "7.1.4", "7.1.5"),
  },
  {
    name: "ends TCP after the handshake",
    faults: { dropsAtOpen: true },
    among: ALL,
    fails: (testCase) => endsCleanly(testCase) || ids("6.4.*")(testCase),
  },
  // Masks.
  {
    // The suite cannot see it; a server should not, either (RFC 6455 §5.3).
    name: "reuses its masking key",
    faults: { mask: "reused" },
    among: FRAMES,
    fails: none,
  },
  {
    name: "does not mask",
    faults: { mask: "none" },
    among: FRAMES,
    fails: ({ id, lastRule }) =>
      lastRule !== "informational" &&
      !ids("7.3.2", "7.3.6", "7.5.1", "7.9.*")(caseOf(id)),
  },
  // Compression.
  {
    name: "offers no compression",
    faults: { offersNothing: true },
    among: SOME_COMPRESSED,
    fails: none,
  },
  {
    name: "sends compressed data that is not valid",
    faults: { deflated: (payload) => payload.map((byte) => byte ^ 0xff) },
    among: COMPRESSED,
    fails: () => true,
  },
  {
    name: "keeps its window, in spite of client_no_context_takeover",
    faults: {
      agreement: (agreement) => ({
        ...agreement,
        clientNoContextTakeover: false,
      }),
    },
    among: SOME_COMPRESSED,
    fails: (testCase) => preferred(testCase).noContextTakeover,
  },
  {
    name: "uses a window that is larger than client_max_window_bits",
    faults: {
      agreement: (agreement) => ({
        ...agreement,
        clientMaxWindowBits: undefined,
      }),
    },
    among: SOME_COMPRESSED,
    fails: (testCase) => {
      const bits = preferred(testCase).maxWindowBits;
      return bits > 0 && bits < LARGEST_WINDOW;
    },
  },
];

/** What the engine requires of a client that can fulfil all. */
function preferred({ program }: Case): DeflateRequest {
  const found = program.kind === "round trips" && program.deflate?.[0];
  if (!found) throw new Error("a case without compression");
  return found;
}

function caseOf(id: string): Case {
  return ALL.find((testCase) => testCase.id === id)!;
}

function readCode(payload: Uint8Array): number {
  return payload[0]! << 8 | payload[1]!;
}
