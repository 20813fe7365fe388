/**
 * Rules about permessage-deflate (RFC 7692).
 *
 * @module
 */

import type { ConnectionRecord } from "../record/connection_record.ts";
import { valuesOf } from "../record/head.ts";
import { clientFrames, isControl, type WireFrame } from "./facts.ts";
import { type Inflated, inflateMessages } from "./inflate.ts";
import {
  amount,
  failed,
  type Judgement,
  notTested,
  passed,
  type Rule,
} from "./rule.ts";

const RSV1 = 4;

const NOT_COMPRESSED = notTested("the client sends no compressed message");

/** The rules about compression. */
export const COMPRESSION_RULES: readonly Rule[] = [
  {
    id: "rsv1",
    section: "RFC 7692 §6",
    level: "MUST",
    text:
      "RSV1 is set only if permessage-deflate is agreed, and only in the first frame of a data message.",
    isOnEdge: false,
    judge(record) {
      const set = clientFrames(record).filter(hasRsv1);
      if (set.length === 0) return NOT_COMPRESSED;
      if (agreement(record) === undefined) {
        return failed(set, "permessage-deflate is not agreed");
      }
      const wrong = set.filter((frame) =>
        isControl(frame) || frame.opcode === 0
      );
      return wrong.length === 0
        ? passed(set)
        : failed(wrong, "RSV1 in a control frame or a continuation");
    },
  },
  {
    id: "deflate-data",
    section: "RFC 7692 §6.1",
    level: "MUST",
    text: "A compressed message can be inflated; a text in it is UTF-8.",
    isOnEdge: false,
    judge: judgeData,
  },
];

function hasRsv1({ wire }: WireFrame): boolean {
  return (wire.rsv & RSV1) !== 0;
}

/** The agreed extension of the response, in lower case. */
function agreement({ response }: ConnectionRecord): string | undefined {
  const value = valuesOf(response, "sec-websocket-extensions").join(",");
  const text = value.toLowerCase();
  return text.includes("permessage-deflate") ? text : undefined;
}

function judgeData(record: ConnectionRecord): Judgement {
  const agreed = agreement(record);
  if (agreed === undefined) {
    return notTested("permessage-deflate is not agreed");
  }
  const { compressed, isCompressedCut } = record.client;
  if (compressed.length === 0) {
    return isCompressedCut
      ? notTested("the messages are too large to keep")
      : NOT_COMPRESSED;
  }
  const result = inflated(record, agreed);
  if (result.kind === "unknown") {
    return notTested("the messages are too large to inflate");
  }
  return result.kind === "invalid"
    ? failed([compressed[result.index]!], result.reason)
    : passed(compressed, amount(compressed.length, "message"));
}

/** Results by record, with the number of messages that they are about. */
const RESULTS = new WeakMap<
  ConnectionRecord,
  { readonly count: number; readonly result: Inflated }
>();

/** Inflates the messages of a record, once. */
function inflated(record: ConnectionRecord, agreed: string): Inflated {
  const { compressed } = record.client;
  const before = RESULTS.get(record);
  if (before?.count === compressed.length) return before.result;
  const bits = /client_max_window_bits *= *"?(\d+)/.exec(agreed)?.[1];
  const result = inflateMessages(compressed, {
    maxWindowBits: bits === undefined ? undefined : Number(bits),
    noContextTakeover: agreed.includes("client_no_context_takeover"),
  });
  RESULTS.set(record, { count: compressed.length, result });
  return result;
}
