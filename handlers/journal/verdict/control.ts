/**
 * Rules about PING and PONG (RFC 6455 §5.5.2 and §5.5.3).
 *
 * @module
 */

import type { ConnectionRecord } from "../record/connection_record.ts";
import type { FrameEntry } from "../record/entry.ts";
import {
  closeOf,
  framesOf,
  hasSameBytes,
  isComplete,
  isOpcode,
  WRITE_DELAY,
} from "./facts.ts";
import {
  failed,
  type Judgement,
  notTested,
  passed,
  type Rule,
} from "./rule.ts";

/** Milliseconds until a PONG is late: a round trip around the world, and a busy client. */
export const PONG_TIME = 1000;

/** Milliseconds without a PONG after which there is none. */
export const NO_PONG_TIME = 5000;

/** The rules about PING and PONG. */
export const CONTROL_RULES: readonly Rule[] = [
  {
    id: "pong-payload",
    section: "RFC 6455 §5.5.3",
    level: "MUST",
    text: "A PING is answered with a PONG of the same payload.",
    isOnEdge: false,
    judge: judgePayload,
  },
  {
    id: "pong-time",
    section: "RFC 6455 §5.5.2",
    level: "SHOULD",
    text: `The PONG follows the PING at once: within ${PONG_TIME} ms.`,
    isOnEdge: false,
    judge(record) {
      const answered = pings(record).filter(({ pong }) => pong !== undefined);
      if (answered.length === 0) return notTested("no PING is answered");
      const times = answered.map(({ ping, pong }) =>
        Math.max(0, pong!.time - ping.time)
      );
      const late = answered.filter((_, index) => times[index]! > PONG_TIME);
      const slowest = Math.round(Math.max(...times));
      return late.length === 0
        ? passed(answered.map(({ pong }) => pong!), `at most ${slowest} ms`)
        : failed(late.map(({ pong }) => pong!), `${slowest} ms`);
    },
  },
];

interface Ping {
  readonly ping: FrameEntry;
  /** The PONG that answers this PING or a later one. */
  readonly pong: FrameEntry | undefined;
}

/** The server's PINGs before a CLOSE of the client, with their PONGs. */
function pings(record: ConnectionRecord): Ping[] {
  const close = closeOf(record, "client");
  const sent = framesOf(record, "server").filter((frame) =>
    isOpcode(frame, "ping") && isComplete(frame)
  ).filter(({ n }) => close === undefined || n < close.n);
  const pongs = framesOf(record, "client").filter((frame) =>
    isOpcode(frame, "pong") && isComplete(frame)
  );
  // A client may answer only the most recent of several PINGs (§5.5.3).
  return sent.map((ping, index) => ({
    ping,
    pong: pongs.find((pong) =>
      sent.slice(index).some(({ time, head }) =>
        time - WRITE_DELAY <= pong.time && hasSameBytes(head, pong.head)
      )
    ),
  }));
}

function judgePayload(record: ConnectionRecord): Judgement {
  const all = pings(record);
  if (all.length === 0) return notTested("the server sends no PING");
  const open = all.filter(({ pong }) => pong === undefined);
  if (open.length === 0) return passed(all.map(({ pong }) => pong!));
  const answered = new Set(all.map(({ pong }) => pong));
  const first = open[0]!.ping;
  const other = framesOf(record, "client").find((frame) =>
    isOpcode(frame, "pong") && frame.n > first.n && !answered.has(frame)
  );
  if (other !== undefined) {
    return failed([first, other], "the PONG has another payload");
  }
  const waited = record.duration - first.time;
  return waited >= NO_PONG_TIME
    ? failed([first], `no PONG within ${Math.round(waited)} ms`)
    : notTested("the connection ended before a PONG was due");
}
