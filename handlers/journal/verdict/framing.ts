/**
 * Rules about frames and fragments (RFC 6455 §5.2, §5.4, §5.5).
 *
 * @module
 */

import { MAX_CONTROL_PAYLOAD } from "../../../lib/frame/codec/header.ts";
import {
  clientFrames,
  isComplete,
  isControl,
  type WireFrame,
} from "./facts.ts";
import {
  amount,
  failed,
  type Judgement,
  notTested,
  passed,
  type Rule,
} from "./rule.ts";

/** The rules about frames. */
export const FRAMING_RULES: readonly Rule[] = [
  frameRule({
    id: "opcode",
    section: "RFC 6455 §5.2",
    text: "No frame has a reserved opcode.",
    isBroken: ({ opcode }) => opcode > 2 && opcode < 8 || opcode > 10,
    detail: ({ opcode }) => `the opcode ${opcode}`,
  }),
  frameRule({
    id: "reserved-bits",
    section: "RFC 6455 §5.2",
    text: "RSV2 and RSV3 are 0, since no extension uses them.",
    isBroken: ({ wire }) => (wire.rsv & 3) !== 0,
    detail: ({ wire }) => `the reserved bits ${wire.rsv} of 7`,
  }),
  frameRule({
    id: "length-form",
    section: "RFC 6455 §5.2",
    text: "The length has its shortest form, and its highest bit is 0.",
    isBroken: isLongForm,
    detail: ({ length, wire }) => `${length} in ${wire.lengthBits} bits`,
  }),
  frameRule({
    id: "control-length",
    section: "RFC 6455 §5.5",
    text: "A control frame has at most 125 bytes.",
    selects: isControl,
    isBroken: ({ length }) => length > MAX_CONTROL_PAYLOAD,
    detail: ({ length }) => `a control frame of ${length} bytes`,
  }),
  frameRule({
    id: "control-whole",
    section: "RFC 6455 §5.5",
    text: "A control frame is not fragmented.",
    selects: isControl,
    isBroken: ({ final }) => !final,
    detail: () => "a control frame without FIN",
  }),
  {
    id: "fragments",
    section: "RFC 6455 §5.4",
    level: "MUST",
    text:
      "Fragments of a message follow each other; no other message begins among them.",
    isOnEdge: false,
    judge(record) {
      return judgeFragments(
        clientFrames(record).filter((frame) => !isControl(frame)),
      );
    },
  },
  {
    id: "frame-complete",
    section: "RFC 6455 §5.2",
    level: "MUST",
    text: "The client does not end its output inside a frame.",
    isOnEdge: false,
    judge(record) {
      const last = clientFrames(record).at(-1);
      const fin = record.entries.find(({ kind, from }) =>
        kind === "fin" && from === "client"
      );
      if (fin === undefined) {
        return notTested("the client does not end its output first");
      }
      const rest = record.entries.filter(({ kind, from, n }) =>
        kind === "bytes" && from === "client" && n < fin.n
      );
      if (rest.length > 0) return failed(rest, "bytes that are no frame");
      return last === undefined || isComplete(last)
        ? passed([fin])
        : failed([last, fin], `${last.seen} of ${last.length} bytes`);
    },
  },
];

/** A rule about each frame alone. */
interface FrameRule extends Pick<Rule, "id" | "section" | "text"> {
  /** The frames that the rule is about; all by default. */
  readonly selects?: (frame: WireFrame) => boolean;
  readonly isBroken: (frame: WireFrame) => boolean;
  readonly detail: (frame: WireFrame) => string;
}

function frameRule(
  { id, section, text, selects = () => true, isBroken, detail }: FrameRule,
): Rule {
  return {
    id,
    section,
    level: "MUST",
    text,
    isOnEdge: false,
    judge(record) {
      const frames = clientFrames(record).filter(selects);
      if (frames.length === 0) {
        return notTested("the client sends no such frame");
      }
      const broken = frames.filter(isBroken);
      return broken.length === 0
        ? passed(frames.slice(0, 1), amount(frames.length, "frame"))
        : failed(broken, detail(broken[0]!));
    },
  };
}

function isLongForm({ length, wire }: WireFrame): boolean {
  if (wire.lengthBits === 7) return false;
  if (wire.lengthBits === 16) return length < 126;
  return length < 65536 || length >= 2 ** 63;
}

function judgeFragments(frames: readonly WireFrame[]): Judgement {
  const isFragmented = frames.some(({ final, opcode }) =>
    !final || opcode === 0
  );
  if (!isFragmented) return notTested("the client sends no fragment");
  const broken: WireFrame[] = [];
  let isInMessage = false;
  for (const frame of frames) {
    const isContinuation = frame.opcode === 0;
    if (isContinuation !== isInMessage) broken.push(frame);
    isInMessage = !frame.final;
  }
  return broken.length === 0
    ? passed(frames.filter(({ final }) => !final))
    : failed(
      broken,
      broken[0]!.opcode === 0
        ? "a CONTINUATION with no message to continue"
        : "a new message inside a fragmented one",
    );
}
