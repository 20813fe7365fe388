/**
 * The rule about the reaction to a fault of the server's.
 *
 * @module
 */

import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import type { ConnectionRecord } from "../record/connection_record.ts";
import type { Entry, FaultEntry, FrameEntry } from "../record/entry.ts";
import { REACTION_TIME } from "../record/fault.ts";
import { codeOf, codeText, framesOf, isControl, isOpcode } from "./facts.ts";
import {
  failed,
  type Judgement,
  notTested,
  passed,
  type Rule,
} from "./rule.ts";

/** Codes of a client that fails the connection. */
const FAILURE_CODES: readonly number[] = [
  CLOSE_CODE.protocolError,
  CLOSE_CODE.invalidPayload,
  CLOSE_CODE.policyViolation,
  CLOSE_CODE.tooBig,
  1010, // RFC 6455 §7.4.1: an extension is missing
];

/** The rules about faults. */
export const FAULT_RULES: readonly Rule[] = [
  {
    id: "fault-reaction",
    section: "RFC 6455 §7.1.7",
    level: "MUST",
    text:
      "The client reacts to a fault of the server as its rule says: it fails the connection or refuses the handshake, in time; unusual but legal behaviour it accepts.",
    isOnEdge: true,
    judge(record) {
      const fault = record.entries.find((entry) => entry.kind === "fault");
      return fault === undefined
        ? notTested("the server violates no rule on purpose")
        : judgeReaction(record, fault);
    },
  },
];

/** Judges the reaction to the first fault: what follows a failed connection is no reaction. */
function judgeReaction(
  record: ConnectionRecord,
  fault: FaultEntry,
): Judgement {
  const { name, expectation } = fault;
  const { reaction, section, within = REACTION_TIME } = expectation;
  const seen = reactionOf(record, fault);
  const about = `${name} (${section}): `;
  const isHandshake = reaction === "refuse";
  const { codes = isHandshake ? FAILURE_CODES : [CLOSE_CODE.protocolError] } =
    expectation;
  const judgement = reaction === "accept"
    ? judgeAcceptance(seen, within)
    : judgeFailure(seen, codes, within, isHandshake);
  return { ...judgement, detail: about + judgement.detail };
}

/** The client's reaction to a fault. */
interface Seen {
  readonly fault: FaultEntry;
  /** Its first CLOSE. */
  readonly close: FrameEntry | undefined;
  /** Its data frames before that. */
  readonly data: readonly FrameEntry[];
  /** The end of its output, unless the server has ended TCP before. */
  readonly end: Entry | undefined;
  /** Milliseconds that it has had. */
  readonly had: number;
}

function reactionOf(record: ConnectionRecord, fault: FaultEntry): Seen {
  const frames = framesOf(record, "client").filter(({ n }) => n > fault.n);
  const close = frames.find((frame) => isOpcode(frame, "close"));
  const firstEnd = record.entries.find(({ n, kind }) =>
    n > fault.n && (kind === "fin" || kind === "end")
  );
  return {
    fault,
    close,
    data: frames.filter((frame) =>
      !isControl(frame) && (close === undefined || frame.n < close.n)
    ),
    end: firstEnd?.from === "client" ? firstEnd : undefined,
    had: (firstEnd?.time ?? record.duration) - fault.time,
  };
}

function judgeFailure(
  { fault, close, data, end, had }: Seen,
  codes: readonly number[],
  within: number,
  isHandshake: boolean,
): Judgement {
  const isFailure = close === undefined || codes.includes(codeOf(close) ?? 0);
  if (isHandshake && (data.length > 0 || !isFailure)) {
    return failed(
      [fault, data[0] ?? close!],
      "the client accepts the handshake",
    );
  }
  const first = close ?? end;
  if (first === undefined) {
    return had >= within
      ? failed([fault, ...data], `no reaction within ${Math.round(had)} ms`)
      : notTested("the server ended TCP before a reaction was due");
  }
  const time = Math.round(first.time - fault.time);
  if (close !== undefined && !isFailure) {
    return failed(
      [fault, close],
      `CLOSE with ${codeText(codeOf(close))}, not ${codes.join(" or ")}`,
    );
  }
  const what = close === undefined
    ? "the client ends TCP"
    : `CLOSE with ${codeText(codeOf(close))}`;
  return time > within
    ? failed(
      [fault, first],
      `${what} after ${time} ms, later than ${within} ms`,
    )
    : passed([fault, first], `${what} after ${time} ms`);
}

function judgeAcceptance(
  { fault, close, data, end, had }: Seen,
  within: number,
): Judgement {
  const code = close && codeOf(close);
  if (code !== undefined && FAILURE_CODES.includes(code)) {
    return failed([fault, close!], `CLOSE with ${codeText(code)}`);
  }
  if (close === undefined && end !== undefined) {
    return failed([fault, end], "the client ends TCP without a CLOSE");
  }
  if (close !== undefined || data.length > 0 || had >= within) {
    return passed([fault, ...data.slice(0, 1)], "the client continues");
  }
  return notTested("the connection ended before a reaction was due");
}
