/**
 * Steps that send frames, and bytes that are no frames.
 *
 * @module
 */

import { encodeFrame } from "../../../lib/client/frame.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";
import { type Argument, bytes, number, text } from "../arguments/argument.ts";
import { free } from "../../../lib/memory/resize.ts";
import { settled } from "../engine/settled.ts";
import { type Step, step } from "../engine/step.ts";
import { backReference, bomb, compress } from "./compress.ts";

/** The deviations of a frame. */
interface Flags {
  readonly final: boolean;
  readonly rsv: number;
  readonly isMasked: boolean;
  readonly lengthBits: 16 | 64 | undefined;
}

const WORDS = [
  "fin",
  "rsv1",
  "rsv2",
  "rsv3",
  "masked",
  "length16",
  "length64",
  "none",
];

const FLAGS: Argument<Flags> = {
  name: "FLAGS",
  allowed: `${WORDS.join(", ")}, joined by +`,
  parse(text) {
    const words = text.split("+");
    const has = new Set(words);
    const isValid = words.every((word) => WORDS.includes(word)) &&
      has.size === words.length && (!has.has("none") || has.size === 1) &&
      !(has.has("length16") && has.has("length64"));
    if (!isValid) return undefined;
    return {
      final: has.has("fin"),
      rsv: Number(has.has("rsv1")) * 4 + Number(has.has("rsv2")) * 2 +
        Number(has.has("rsv3")),
      isMasked: has.has("masked"),
      lengthBits: has.has("length16")
        ? 16
        : has.has("length64")
        ? 64
        : undefined,
    };
  },
};

/** The masking key of a masked frame: that of RFC 6455 §5.7. */
const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

const FAILS = "Fails the connection with 1002.";

const encoder = new TextEncoder();

/** The steps that send frames and bytes. */
export const FRAME_STEPS: readonly Step[] = [
  step({
    name: "frame",
    phase: "connection",
    needs: "wire",
    sends: true,
    arguments: [number("OPCODE", 0, 15), FLAGS, bytes()],
    sentence:
      "Sends a frame with any opcode, flags and payload; the flags also mask it or lengthen its length field.",
    example: "frame:1:fin+rsv2:68656c6c6f",
    client: FAILS,
    section: "RFC 6455 §5.2",
    suites: ["Autobahn", "web-platform-tests", "okhttp", "undici", "ws"],
    outputBytes: ([, , source]) => source.length,
    run(run, [opcode, { final, rsv, isMasked, lengthBits }, source]) {
      const mask = isMasked ? MASK : "none";
      const options = {
        final,
        rsv,
        mask,
        ...(lengthBits !== undefined && { lengthBits }),
      } as const;
      const payload = source.make();
      run.wire.write(encodeFrame(opcode, payload, options));
      free(payload.buffer);
      if (opcode === OPCODE_NUMBER.close) run.wire.closeWritten();
      return settled(run.endpoint);
    },
  }),
  step({
    name: "continuation",
    phase: "connection",
    needs: "wire",
    sends: true,
    arguments: [text("TEXT")],
    sentence: "Sends a CONTINUATION with FIN.",
    example: "continuation:hello",
    client: "Fails the connection with 1002 unless a message is unfinished.",
    section: "RFC 6455 §5.4",
    suites: ["Autobahn", "okhttp", "ws"],
    run: (run, [text]) =>
      run.wire.write(encodeFrame("continuation", text, { mask: "none" })),
  }),
  step({
    name: "raw",
    phase: "connection",
    needs: "wire",
    sends: true,
    arguments: [bytes()],
    sentence: "Sends any bytes.",
    example: "raw:8a00",
    client: "Takes them for frames.",
    section: "RFC 6455 §5.2",
    suites: ["web-platform-tests", "ws", "undici"],
    outputBytes: ([source]) => source.length,
    run(run, [source]) {
      run.wire.write(source.make());
      return settled(run.endpoint);
    },
  }),
  step({
    name: "raw-text",
    phase: "connection",
    needs: "wire",
    sends: true,
    arguments: [text("TEXT")],
    sentence: "Sends the bytes of a text without a frame.",
    example: "raw-text:HTTP%2F1.1%20200%20OK%0D%0A%0D%0A",
    client: "Takes them for frames.",
    section: "RFC 6455 §5.2",
    suites: ["web-platform-tests", "ws"],
    run: (run, [text]) => run.wire.write(encoder.encode(text)),
  }),
  step({
    name: "compressed",
    phase: "connection",
    needs: "wire",
    sends: true,
    arguments: [text("TEXT")],
    sentence: "Sends a compressed text with RSV1, in the window of deflate.",
    example: "deflate/compressed:hello",
    client:
      "Delivers the text; fails the connection with 1002 if no compression was agreed.",
    section: "RFC 7692 §7.2.2",
    suites: ["Autobahn", "okhttp", "undici", "ws"],
    run(run, [text]) {
      const data = compress(encoder.encode(text), run.wire.windowBits);
      run.wire.write(encodeFrame("text", data, { rsv: 4, mask: "none" }));
      return settled(run.endpoint);
    },
  }),
  step({
    name: "bomb",
    phase: "connection",
    needs: "wire",
    sends: true,
    arguments: [number("MIB", 1, 1024, "MiB")],
    sentence:
      "Sends a compressed binary message that inflates to this many MiB of zeros.",
    example: "deflate/bomb:64",
    client: "Stops inflating at its limit and fails the connection with 1009.",
    section: "RFC 7692 §8",
    suites: ["ws", "undici", "gorilla"],
    // Zeros become a thousandth.
    outputBytes: ([mebibytes]) => mebibytes * 1024,
    run(run, [mebibytes]) {
      const data = bomb(mebibytes, run.wire.windowBits);
      run.wire.write(encodeFrame("binary", data, { rsv: 4, mask: "none" }));
      return settled(run.endpoint);
    },
  }),
  step({
    name: "back-reference",
    phase: "connection",
    needs: "wire",
    sends: true,
    arguments: [number("BYTES", 300, 32_000, "bytes")],
    sentence:
      "Sends a compressed text whose end refers to bytes this far back, whatever window was agreed.",
    example: "deflate:9/back-reference:2000",
    client:
      "Fails the connection with 1007 or 1002, or delivers the text if its window is large enough.",
    section: "RFC 7692 §7.1.2.1",
    suites: ["okhttp", "ws"],
    run(run, [distance]) {
      const data = backReference(distance);
      run.wire.write(encodeFrame("text", data, { rsv: 4, mask: "none" }));
      return settled(run.endpoint);
    },
  }),
];
