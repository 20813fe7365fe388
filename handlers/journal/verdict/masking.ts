/**
 * Rules about masking (RFC 6455 §5.3 and §10.3).
 *
 * @module
 */

import type { ConnectionRecord } from "../record/connection_record.ts";
import { clientFrames, type WireFrame } from "./facts.ts";
import {
  amount,
  failed,
  type Judgement,
  notTested,
  passed,
  type Rule,
} from "./rule.ts";

/** Frames that it takes to see a pattern in the keys. */
const MIN_FOR_PATTERN = 3;

/** The rules about masking. */
export const MASKING_RULES: readonly Rule[] = [
  {
    id: "masked",
    section: "RFC 6455 §5.1",
    level: "MUST",
    text: "Every frame is masked.",
    isOnEdge: false,
    judge(record) {
      const frames = clientFrames(record);
      if (frames.length === 0) return notTested("the client sends no frame");
      const bare = frames.filter(({ wire }) => wire.mask === undefined);
      return bare.length === 0
        ? passed(frames.slice(0, 1), amount(frames.length, "frame"))
        : failed(bare, `${bare.length} of ${frames.length} are not masked`);
    },
  },
  {
    id: "mask-fresh",
    section: "RFC 6455 §5.3",
    level: "MUST",
    text: "Every frame has a new masking key.",
    isOnEdge: false,
    judge(record) {
      const frames = maskedFrames(record);
      if (frames.length < 2) return notTested("it takes two masked frames");
      const repeated = repetitions(frames);
      return repeated.length === 0
        ? passed(frames.slice(0, 2), amount(frames.length, "key"))
        : failed(repeated, "a key is used again");
    },
  },
  {
    id: "mask-unpredictable",
    section: "RFC 6455 §10.3",
    level: "MUST",
    text: "The masking keys cannot be predicted: no zeros, no counter.",
    isOnEdge: false,
    judge: judgePattern,
  },
];

function maskedFrames(record: ConnectionRecord): WireFrame[] {
  return clientFrames(record).filter(({ wire }) => wire.mask !== undefined);
}

/**
 * Frames with the key of the frame before, or of any earlier frame if there are several:
 * among 2000 random keys, two may be equal by chance.
 */
function repetitions(frames: readonly WireFrame[]): WireFrame[] {
  const seen = new Set<number | undefined>();
  const again: WireFrame[] = [];
  let previous: number | undefined;
  let isRun = false;
  for (const frame of frames) {
    const { mask } = frame.wire;
    if (seen.has(mask)) again.push(frame);
    if (mask === previous) isRun = true;
    seen.add(mask);
    previous = mask;
  }
  return isRun || again.length > 1 || frames.length < 100 ? again : [];
}

function judgePattern(record: ConnectionRecord): Judgement {
  const frames = maskedFrames(record);
  const zero = frames.filter(({ wire }) => wire.mask === 0);
  if (zero.length > 0) return failed(zero, "the key is zero");
  if (frames.length < MIN_FOR_PATTERN) {
    return notTested(`it takes ${MIN_FOR_PATTERN} masked frames`);
  }
  const keys = frames.map(({ wire }) => wire.mask!);
  for (
    const [order, numbers] of [
      ["", keys],
      [", lowest byte first", keys.map(swapped)],
    ] as const
  ) {
    const step = commonStep(numbers);
    if (step !== undefined && step !== 0) {
      return failed(frames, `each key is ${step} above the last${order}`);
    }
  }
  if (keys.every(hasEqualBytes)) {
    return failed(frames, "the four bytes of each key are equal");
  }
  return passed(frames.slice(0, MIN_FOR_PATTERN), amount(keys.length, "key"));
}

/** The difference between each number and the one before, if it is always the same. */
function commonStep(numbers: readonly number[]): number | undefined {
  const steps = numbers.slice(1).map((number, index) =>
    (number - numbers[index]!) >>> 0
  );
  return steps.every((step) => step === steps[0]) ? steps[0] : undefined;
}

function swapped(key: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, key);
  return view.getUint32(0, true);
}

function hasEqualBytes(key: number): boolean {
  return key === ((key & 0xff) * 0x01010101) >>> 0;
}
