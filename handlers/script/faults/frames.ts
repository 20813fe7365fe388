/**
 * Named plans whose frames violate RFC 6455.
 *
 * @module
 */

import { FAILS, failsWith, type Fault } from "./fault.ts";

const FAILED = {
  client: "Fails the connection with 1002.",
  expects: FAILS,
} as const;

const AUTOBAHN = ["Autobahn", "web-platform-tests", "okhttp", "undici", "ws"];

const HEADER = "RFC 6455 §5.2";

const CONTROL = "RFC 6455 §5.5";

const FRAGMENTS = "RFC 6455 §5.4";

/** RFC 6455 says what a sender does, and not what a receiver does. */
const NOT_SHORTEST = {
  client: "Fails the connection with 1002, or delivers the text.",
  section: HEADER,
  suites: ["ws", "undici", "gorilla"],
} as const;

/** Bytes that complete what a client takes for the first frame. */
const LONG_ENOUGH = "hello,%20world%0A".repeat(8);

/** Faults of headers, control frames and fragments. */
export const FRAME_FAULTS: readonly Fault[] = [
  {
    name: "masked-frame",
    // Not a text: a client that ignores the mask may take it for invalid UTF-8.
    plan: "frame:2:fin+masked:68656c6c6f",
    sentence: "Sends a masked binary message.",
    ...FAILED,
    section: "RFC 6455 §5.1",
    suites: ["web-platform-tests", "okhttp", "ws", "undici", "dart"],
  },
  ...[1, 2, 3].map((bit): Fault => ({
    name: `rsv${bit}`,
    plan: `frame:1:fin+rsv${bit}:68656c6c6f`,
    sentence:
      `Sends a text with RSV${bit}, which no extension has given a meaning.`,
    ...FAILED,
    section: HEADER,
    suites: AUTOBAHN,
  })),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): Fault => ({
    name: `opcode-${opcode}`,
    plan: `frame:${opcode}:fin:68656c6c6f`,
    sentence: `Sends a frame with the reserved opcode ${opcode}.`,
    ...FAILED,
    section: HEADER,
    suites: AUTOBAHN,
  })),
  ...([["close", 8], ["ping", 9], ["pong", 10]] as const).flatMap((
    [name, opcode],
  ): Fault[] => [
    {
      name: `fragmented-${name}`,
      plan: `frame:${opcode}:none:${name === "close" ? "03e8" : "68"}`,
      sentence: `Sends a ${name.toUpperCase()} without FIN.`,
      ...FAILED,
      section: CONTROL,
      suites: AUTOBAHN,
    },
    {
      name: `long-${name}`,
      plan: name === "close"
        ? `frame:8:fin:03e8${"61".repeat(124)}`
        : `frame:${opcode}:fin:126:61`,
      sentence: `Sends a ${name.toUpperCase()} with 126 bytes.`,
      ...FAILED,
      section: CONTROL,
      suites: AUTOBAHN,
    },
  ]),
  {
    name: "stray-continuation",
    plan: "continuation:hello",
    sentence: "Sends a CONTINUATION that continues nothing.",
    ...FAILED,
    section: FRAGMENTS,
    suites: AUTOBAHN,
  },
  {
    name: "interleaved-message",
    plan: "frame:1:none:6865/frame:1:fin:6c6c6f",
    sentence: "Starts a text inside a fragmented one.",
    ...FAILED,
    section: FRAGMENTS,
    suites: AUTOBAHN,
  },
  {
    name: "unfinished-message",
    plan: "frame:1:none:6865",
    sentence: "Sends the first fragment of a text, and no further one.",
    client: "Waits; it delivers nothing.",
    section: FRAGMENTS,
    suites: ["Autobahn", "ws"],
  },
  {
    name: "length-16-not-shortest",
    plan: "frame:1:fin+length16:68656c6c6f",
    sentence: "Sends a length of 5 in 16 bits.",
    ...NOT_SHORTEST,
  },
  {
    name: "length-64-not-shortest",
    plan: "frame:1:fin+length64:68656c6c6f",
    sentence: "Sends a length of 5 in 64 bits.",
    ...NOT_SHORTEST,
  },
  {
    name: "length-2-63",
    plan: "raw:827f8000000000000000",
    sentence: "Sends a binary frame with the length 2^63.",
    client: "Fails the connection with 1002 or 1009.",
    expects: failsWith(1002, 1009),
    section: HEADER,
    suites: ["web-platform-tests", "okhttp", "ws", "undici", "gorilla"],
  },
  {
    name: "length-2-62",
    plan: "raw:827f4000000000000000",
    sentence: "Sends the header of a binary frame of 2^62 bytes.",
    client: "Fails the connection with 1009 before it takes the memory.",
    expects: failsWith(1009, 1002),
    section: "RFC 6455 §10.4",
    suites: ["ws", "undici", "gorilla", "Espressif"],
  },
  {
    name: "truncated-frame",
    // A PONG or a CLOSE would complete the frame.
    plan: "no-pong/no-close/raw:810568656c",
    sentence: "Sends 3 of the 5 bytes of a text, and then nothing.",
    client: "Waits, and ends the connection at its own time limit.",
    section: "RFC 6455 §5.2",
    suites: ["ws", "okhttp", "Espressif"],
  },
  {
    name: "cut-frame",
    plan: "raw:810568656c/abort",
    sentence: "Sends 3 of the 5 bytes of a text, and ends TCP.",
    client: "Reports 1006, and delivers nothing.",
    section: "RFC 6455 §7.1.5",
    suites: ["ws", "okhttp", "undici"],
  },
  {
    name: "http-instead-of-frames",
    plan:
      `raw-text:HTTP%2F1.1%20500%20Internal%20Server%20Error%0D%0AContent-Length:%20104%0D%0A%0D%0A${LONG_ENOUGH}`,
    sentence: "Sends a second HTTP response after the 101.",
    ...FAILED,
    section: HEADER,
    suites: ["ws", "undici"],
  },
  {
    name: "text-instead-of-frames",
    plan: `raw-text:${LONG_ENOUGH}`,
    sentence: "Sends text without frames after the 101.",
    ...FAILED,
    section: HEADER,
    suites: ["web-platform-tests", "ws"],
  },
];
