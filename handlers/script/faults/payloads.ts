/**
 * Named plans whose payloads violate RFC 6455: UTF-8 and CLOSE.
 *
 * @module
 */

import { ACCEPTS, FAILS, failsWith, type Fault } from "./fault.ts";

const SUITES = ["Autobahn", "okhttp", "undici", "ws", "gorilla"];

const UTF8 = {
  client: "Fails the connection with 1007.",
  expects: failsWith(1007, 1002),
  section: "RFC 6455 §8.1",
  suites: SUITES,
} as const;

const CLOSE = {
  client: "Fails the connection with 1002.",
  expects: FAILS,
  section: "RFC 6455 §5.5.1",
  suites: SUITES,
} as const;

/** Close codes that may not be on the wire (RFC 6455 §7.4). */
const CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535];

/** Faults of texts and of CLOSE. */
export const PAYLOAD_FAULTS: readonly Fault[] = [
  {
    name: "invalid-utf8",
    plan: "frame:1:fin:cebae1bdb9cf83cebcceb5eda080656469746564",
    sentence: "Sends a text that contains a surrogate.",
    ...UTF8,
  },
  {
    name: "invalid-utf8-at-seam",
    plan: "frame:1:none:61c3/frame:0:fin:28",
    sentence:
      "Sends a text in two fragments; the bytes at their seam are not UTF-8.",
    ...UTF8,
  },
  {
    name: "invalid-utf8-in-first-fragment",
    plan: "frame:1:none:ff/wait:500/frame:0:fin:61",
    sentence:
      "Sends a first fragment with a byte that UTF-8 never has, and the last after 500 ms.",
    ...UTF8,
    client:
      "Fails the connection with 1007, at once or with the last fragment.",
  },
  {
    name: "cut-code-point",
    plan: "frame:1:fin:61e282",
    sentence: "Sends a text that ends inside a character.",
    ...UTF8,
  },
  {
    name: "split-code-point",
    plan: "frame:1:none:61e2/frame:0:fin:82ac",
    sentence: "Sends a valid text whose last character is in two fragments.",
    client: "Delivers the text a€.",
    expects: ACCEPTS,
    section: "RFC 6455 §5.6",
    suites: ["Autobahn", "okhttp", "ws", "Espressif"],
  },
  {
    name: "overlong-utf8",
    plan: "frame:1:fin:c0af",
    sentence: "Sends a text with a slash in two bytes.",
    ...UTF8,
  },
  {
    name: "close-one-byte",
    plan: "frame:8:fin:03",
    sentence: "Sends a CLOSE with one byte.",
    ...CLOSE,
  },
  ...CODES.map((code): Fault => ({
    name: `close-${code}`,
    plan: `close:${code}`,
    sentence: `Sends a CLOSE with ${code}, which may not be on the wire.`,
    ...CLOSE,
    section: "RFC 6455 §7.4",
  })),
  {
    name: "close-invalid-utf8",
    plan: "frame:8:fin:03e8ceba80",
    sentence: "Sends a CLOSE whose reason is not UTF-8.",
    ...UTF8,
  },
  {
    name: "frame-after-close",
    plan: "close:1000/text:late",
    sentence: "Sends a text after the CLOSE.",
    client: "Answers the CLOSE and ignores the text.",
    expects: ACCEPTS,
    section: "RFC 6455 §5.5.1",
    suites: SUITES,
  },
  {
    name: "ping-after-close",
    plan: "close:1000/ping:late",
    sentence: "Sends a PING after the CLOSE.",
    client: "Answers the CLOSE and not the PING.",
    expects: ACCEPTS,
    section: "RFC 6455 §5.5.1",
    suites: SUITES,
  },
  {
    name: "two-closes",
    plan: "close:1000/frame:8:fin:03e9",
    sentence: "Sends a second CLOSE with another code.",
    client: "Reports the code of the first.",
    expects: ACCEPTS,
    section: "RFC 6455 §5.5.1",
    suites: SUITES,
  },
];
