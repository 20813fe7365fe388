/**
 * Named plans of handshakes and of connections that end or react badly.
 *
 * @module
 */

import { ACCEPTS, FAILS, type Fault, REFUSES } from "./fault.ts";

const REFUSED = {
  client: "Fails the connection.",
  expects: REFUSES,
  section: "RFC 6455 §4.1",
  suites: ["web-platform-tests", "okhttp", "undici", "ws", "gorilla", "dart"],
} as const;

/** No rule says what a client does, or in which time. */
const FREE = { section: REFUSED.section, suites: REFUSED.suites } as const;

/** Faults of the answer to the handshake. */
export const HANDSHAKE_FAULTS: readonly Fault[] = [
  {
    name: "no-answer",
    plan: "hang",
    sentence: "Never answers the handshake.",
    ...FREE,
    client: "Fails the connection at its connect timeout.",
  },
  {
    name: "wrong-accept",
    plan: "accept:wrong",
    sentence: "Sends a wrong Sec-WebSocket-Accept.",
    ...REFUSED,
  },
  {
    name: "no-accept",
    plan: "accept:missing",
    sentence: "Sends no Sec-WebSocket-Accept.",
    ...REFUSED,
  },
  {
    name: "two-accepts",
    plan: "accept:twice",
    sentence: "Sends Sec-WebSocket-Accept twice.",
    ...REFUSED,
  },
  {
    name: "wrong-upgrade",
    plan: "upgrade:h2c",
    sentence: "Sends an Upgrade to another protocol.",
    ...REFUSED,
  },
  {
    name: "no-upgrade",
    plan: "upgrade:missing",
    sentence: "Sends no Upgrade.",
    ...REFUSED,
  },
  {
    name: "wrong-connection",
    plan: "connection:keep-alive",
    sentence: "Sends a Connection without the token Upgrade.",
    ...REFUSED,
  },
  {
    name: "no-connection",
    plan: "connection:missing",
    sentence: "Sends no Connection.",
    ...REFUSED,
  },
  {
    name: "http-1.0",
    plan: "http:1.0",
    sentence: "Answers with HTTP/1.0.",
    ...FREE,
    client: "Fails the connection or accepts it; no rule says which.",
    suites: ["ws", "undici"],
  },
  {
    name: "junk-before-status",
    plan: "junk:00ff00ff",
    sentence: "Sends four bytes in front of the status line.",
    ...REFUSED,
  },
  {
    name: "subprotocol-not-offered",
    plan: "subprotocol:x-not-offered",
    sentence: "Answers with a subprotocol that the client did not offer.",
    ...REFUSED,
  },
  {
    name: "subprotocol-twice",
    plan: "subprotocol:twice",
    sentence: "Answers with the first offered subprotocol in two fields.",
    ...REFUSED,
    offers: 1,
  },
  {
    name: "subprotocol-mirrored",
    plan: "subprotocol:mirror",
    sentence: "Answers with the whole list of offered subprotocols.",
    ...REFUSED,
    client: "Fails the connection if it offered several.",
    offers: 2,
  },
  {
    name: "subprotocol-case",
    plan: "subprotocol:case",
    sentence: "Answers with the first offered subprotocol in the other case.",
    ...REFUSED,
    offers: 1,
  },
  {
    name: "body-on-101",
    // The body's first two bytes are the header of a frame with 101 bytes.
    plan: `body:${"hello%20".repeat(20)}`,
    sentence: "Sends a body after the 101.",
    client: "Takes the body for frames and fails the connection with 1002.",
    expects: FAILS,
    section: "RFC 9110 §15.2",
    suites: ["ws", "undici"],
  },
  {
    name: "glued-frames",
    plan: "glue/text:hello/ping:1",
    sentence: "Sends the 101 and two frames in one segment.",
    client: "Delivers the text, and answers the PING.",
    expects: ACCEPTS,
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "ws", "undici", "Espressif"],
  },
  {
    name: "byte-by-byte",
    plan: "drip:1:5/text:hello/close:1000",
    sentence: "Writes the 101 and the frames byte by byte.",
    client: "Delivers the text.",
    expects: ACCEPTS,
    section: "RFC 6455 §5.4",
    suites: ["Autobahn", "ws", "Espressif"],
  },
];

const END = {
  client: "Reports 1006.",
  section: "RFC 6455 §7.1.5",
  suites: ["web-platform-tests", "okhttp", "undici", "ws", "dotnet"],
} as const;

const SLOW_CLOSE = {
  client: "Ends TCP after its own time limit.",
  section: "RFC 6455 §7.1.1",
  suites: ["web-platform-tests", "okhttp", "undici", "ws", "dotnet"],
} as const;

const PONG = {
  client: "Fails the connection when its PING gets no answer in time.",
  section: "RFC 6455 §5.5.2",
  suites: ["okhttp", "ws", "dotnet", "Espressif"],
} as const;

/** Faults of the end of a connection, and of control frames. */
export const END_FAULTS: readonly Fault[] = [
  {
    name: "fin-without-close",
    plan: "abort",
    sentence: "Ends TCP with FIN right after the 101.",
    ...END,
  },
  {
    name: "reset-without-close",
    plan: "reset",
    sentence: "Ends TCP with RST, as far as the system can.",
    ...END,
  },
  {
    name: "half-close",
    plan: "half-close",
    sentence: "Ends its output, and continues to read.",
    ...END,
  },
  {
    name: "close-and-cut",
    plan: "close:1001/abort",
    sentence: "Sends a CLOSE, and ends TCP without waiting for the answer.",
    client: "Reports 1001.",
    section: "RFC 6455 §7.1.5",
    suites: ["web-platform-tests", "okhttp", "ws"],
  },
  {
    name: "tcp-left-open",
    plan: "close-then-keep-open",
    sentence: "Sends a CLOSE, and never ends TCP.",
    ...SLOW_CLOSE,
  },
  {
    name: "close-not-answered",
    plan: "no-close/echo",
    sentence: "Echoes, and never answers the client's CLOSE.",
    ...SLOW_CLOSE,
  },
  {
    name: "cut-on-close",
    plan: "cut-on-close/echo",
    sentence: "Ends TCP when the client's CLOSE comes.",
    ...END,
  },
  {
    name: "crossing-closes",
    plan: "close-from-both:1001",
    sentence: "Answers the client's CLOSE with a CLOSE of its own.",
    client: "Ends the connection without a further CLOSE.",
    section: "RFC 6455 §7.1.5",
    suites: ["web-platform-tests", "dotnet"],
  },
  {
    name: "no-pong",
    plan: "no-pong/echo",
    sentence: "Echoes, and answers no PING.",
    ...PONG,
  },
  {
    name: "wrong-pong",
    plan: "wrong-pong/echo",
    sentence: "Echoes, and answers each PING with another payload.",
    ...PONG,
  },
  {
    name: "silence",
    plan: "stall",
    sentence: "Accepts, and then neither reads nor writes.",
    ...PONG,
  },
];
