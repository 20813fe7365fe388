/**
 * Named plans that violate RFC 7692, or use what it permits but clients seldom see.
 *
 * @module
 */

import { ACCEPTS, FAILS, failsWith, type Fault, REFUSES } from "./fault.ts";

const SUITES = ["Autobahn", "okhttp", "undici", "ws"];

/** `hello` compressed (RFC 7692 §7.2.3.1 has such data). */
const HELLO = "ca48cdc9c90700";

const FAILED = {
  client: "Fails the connection with 1002.",
  expects: FAILS,
} as const;

/** Faults of compression. */
export const COMPRESSION_FAULTS: readonly Fault[] = [
  {
    name: "compressed-without-agreement",
    plan: `compression:off/frame:1:fin+rsv1:${HELLO}`,
    sentence: "Sends a compressed text although no compression was agreed.",
    ...FAILED,
    section: "RFC 7692 §6",
    suites: SUITES,
  },
  {
    name: "corrupt-deflate",
    plan: "deflate/frame:1:fin+rsv1:ffffffff",
    sentence: "Sends a compressed text that is no deflate data.",
    client: "Fails the connection with 1007 or 1002.",
    expects: failsWith(1007, 1002),
    section: "RFC 7692 §7.2.2",
    suites: SUITES,
  },
  {
    name: "deflate-bomb",
    plan: "deflate/bomb:256",
    sentence: "Sends 256 KiB that inflate to 256 MiB.",
    client: "Stops inflating at its limit and fails the connection with 1009.",
    expects: failsWith(1009, 1008, 1002),
    section: "RFC 7692 §8",
    suites: ["ws", "undici", "gorilla"],
  },
  {
    name: "deflate-bfinal",
    plan: "deflate/frame:1:fin+rsv1:cb48cdc9c9070000",
    sentence:
      "Sends a compressed text whose block has BFINAL, as is permitted.",
    client: "Delivers the text hello.",
    expects: ACCEPTS,
    section: "RFC 7692 §7.2.3.4",
    suites: ["okhttp", "undici", "ws"],
  },
  {
    name: "deflate-tail-kept",
    plan: `deflate/frame:1:fin+rsv1:${HELLO}0000ffff`,
    sentence:
      "Sends a compressed text with the four bytes that it may leave out.",
    client: "Delivers the text hello.",
    expects: ACCEPTS,
    section: "RFC 7692 §7.2.1",
    suites: ["okhttp", "ws"],
  },
  {
    name: "rsv1-on-continuation",
    plan: "deflate/frame:1:rsv1:ca48cd/frame:0:fin+rsv1:c9c90700",
    sentence: "Sets RSV1 on the second fragment of a compressed text, too.",
    ...FAILED,
    section: "RFC 7692 §6.1",
    suites: SUITES,
  },
  {
    name: "compressed-ping",
    plan: `deflate/frame:9:fin+rsv1:${HELLO}`,
    sentence: "Sends a compressed PING.",
    ...FAILED,
    section: "RFC 7692 §6.1",
    suites: SUITES,
  },
  {
    name: "compressed-close",
    plan: "deflate/frame:8:fin+rsv1:03e8",
    sentence: "Sends a CLOSE with RSV1.",
    ...FAILED,
    section: "RFC 7692 §6.1",
    suites: SUITES,
  },
  {
    name: "window-exceeded",
    plan: "deflate:9/back-reference:2000",
    sentence:
      "Agrees on a window of 512 bytes, and refers to bytes 2000 bytes back.",
    client:
      "Fails the connection with 1007 or 1002, or delivers the text if its window is larger.",
    section: "RFC 7692 §7.1.2.1",
    suites: ["okhttp", "ws"],
  },
  ...[0, 7, 16].map((bits): Fault => ({
    name: `window-bits-${bits}`,
    plan: `extensions:permessage-deflate;%20server_max_window_bits=${bits}`,
    sentence:
      `Answers with a server window of 2^${bits} bytes, which is not allowed.`,
    client: "Fails the connection.",
    expects: REFUSES,
    section: "RFC 7692 §7.1.2.1",
    suites: ["okhttp", "undici", "ws"],
  })),
  {
    name: "unknown-extension-parameter",
    plan: "extensions:permessage-deflate;%20unknown=1",
    sentence:
      "Answers with a parameter of permessage-deflate that does not exist.",
    client: "Fails the connection.",
    expects: REFUSES,
    section: "RFC 7692 §7",
    suites: ["okhttp", "undici", "ws"],
  },
  {
    name: "extension-not-offered",
    plan: "extensions:x-unknown",
    sentence: "Answers with an extension that the client did not offer.",
    client: "Fails the connection.",
    expects: REFUSES,
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "okhttp", "undici", "ws"],
  },
  {
    name: "extension-twice",
    plan: "extensions:permessage-deflate,%20permessage-deflate",
    sentence: "Answers with permessage-deflate twice.",
    client: "Fails the connection.",
    expects: REFUSES,
    section: "RFC 7692 §5",
    suites: ["okhttp", "ws"],
  },
];
