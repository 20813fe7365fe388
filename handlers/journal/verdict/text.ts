/**
 * The rule about texts (RFC 6455 §8.1).
 *
 * @module
 */

import { framesOf, isOpcode } from "./facts.ts";
import { amount, failed, notTested, passed, type Rule } from "./rule.ts";

/** RSV1 as a part of the reserved bits: the message is compressed. */
const RSV1 = 4;

/** The rules about texts. */
export const TEXT_RULES: readonly Rule[] = [
  {
    id: "utf8",
    section: "RFC 6455 §8.1",
    level: "MUST",
    text: "A text message is UTF-8, across its fragments.",
    isOnEdge: false,
    judge(record) {
      const frames = framesOf(record, "client");
      const invalid = frames.filter(({ isInvalidText }) => isInvalidText);
      if (invalid.length > 0) {
        return failed(invalid, "bytes that are not UTF-8");
      }
      const texts = frames.filter((frame) =>
        isOpcode(frame, "text") && ((frame.wire?.rsv ?? 0) & RSV1) === 0
      );
      return texts.length === 0
        ? notTested("the client sends no text without compression")
        : passed(texts.slice(0, 1), amount(texts.length, "message"));
    },
  },
];
