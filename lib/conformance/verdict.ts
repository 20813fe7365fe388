/**
 * The verdicts of a case.
 *
 * @module
 */

import type { Case } from "./case/case.ts";
import type { ProgramVerdict } from "./programs/running_program.ts";
import type { Behavior, BehaviorClose, EndState, Role } from "./case/result.ts";

/** Both verdicts with their reasons. */
export interface Verdict {
  /** The verdict on the frames. */
  readonly behavior: Behavior;
  /** The reason, in a sentence. */
  readonly result: string;
  /** The verdict on the end. */
  readonly behaviorClose: BehaviorClose;
  /** The reason, in a sentence. */
  readonly resultClose: string;
}

/**
 * Judges a connection that has ended.
 *
 * @param testCase the case
 * @param role the engine's role
 * @param end how the connection ended
 * @param program the verdict on the frames
 */
export function judge(
  testCase: Case,
  role: Role,
  end: Readonly<EndState>,
  program: ProgramVerdict,
): Verdict {
  const { closing, lastRule } = testCase;
  const [behaviorClose, resultClose] = judgeClosing(testCase, role, end);
  const isWrongSide = end.closedByMe !== (closing.by === "engine");
  if (lastRule === "informational") {
    return {
      behavior: "INFORMATIONAL",
      result: informationOn(testCase, program),
      behaviorClose: "INFORMATIONAL",
      resultClose,
    };
  }
  if (lastRule === "wrong code fails" && behaviorClose === "WRONG CODE") {
    return {
      behavior: "FAILED",
      result: resultClose,
      behaviorClose,
      resultClose,
    };
  }
  if (closing.wrongSideFails && isWrongSide) {
    return {
      behavior: "FAILED",
      result: "The peer has not failed the connection.",
      behaviorClose,
      resultClose,
    };
  }
  return { ...program, behaviorClose, resultClose };
}

/**
 * Judges a connection whose opening handshake failed.
 *
 * @param fault why, without a period
 */
export function judgeUnopened(fault: string): Verdict {
  return {
    behavior: "FAILED",
    result: `The opening handshake failed: ${fault}.`,
    behaviorClose: "FAILED",
    resultClose: "The connection was never open.",
  };
}

function judgeClosing(
  { closing }: Case,
  role: Role,
  end: Readonly<EndState>,
): readonly [BehaviorClose, string] {
  const { remoteCloseCode: code } = end;
  if (end.closedByMe !== (closing.by === "engine")) {
    return [
      "FAILED",
      end.closedByMe
        ? "The engine had to close the connection, not the peer."
        : "The peer has ended the connection, not the engine.",
    ];
  }
  if (closing.clean && !end.wasClean) {
    return ["UNCLEAN", `Not a clean end: ${end.wasNotCleanReason ?? "TCP"}.`];
  }
  if (code !== null && !closing.codes.includes(code)) {
    return [
      "WRONG CODE",
      `The close code is ${code}, not ${closing.codes.join(" or ")} or none.`,
    ];
  }
  if (role === "client" && end.droppedByMe) {
    return ["FAILED BY CLIENT", "The server has not ended TCP first."];
  }
  return ["OK", "The connection ended as it should."];
}

function informationOn(
  { program }: Case,
  { behavior, result }: ProgramVerdict,
): string {
  const isAnswered = program.kind === "exchange" && program.ok.length > 0;
  if (!isAnswered) return "RFC 6455 does not define the answer.";
  if (behavior === "OK") return "The peer answered the frames, then CLOSE.";
  if (behavior === "NON-STRICT") {
    return "The peer answered CLOSE, not the frames before it.";
  }
  return result;
}
