/**
 * Attacks with HTTP requests: fields that are slow to parse, and answers and bodies
 * that take long.
 *
 * @module
 */

import { encodeFrame } from "../../../lib/client/frame.ts";
import { handshake, requestHead } from "../../integration/support/wire.ts";
import { Socket } from "../socket.ts";
import { type Attack, ONE_ADDRESS } from "./attack.ts";
import { bytesOf, joined, MASKED, repeated } from "./bytes.ts";

/** The fields of every attack. */
const COMMON = { env: ONE_ADDRESS, path: "/ws" } as const;

/** Characters of a field. */
const MANY = 64_000;

/** A client that sends bytes to the HTTP port and reads to the end. */
function request(bytes: Uint8Array): Attack["behave"] {
  return async (target, signal) => {
    using socket = await Socket.connect(target.http ?? target, signal);
    await socket.write(bytes);
    await socket.drain();
  };
}

/** A GET request. */
function get(path: string, fields: Record<string, string> = {}) {
  return bytesOf(requestHead(path, { Host: "127.0.0.1", ...fields }));
}

/** A value on which a regular expression may backtrack: a repeated text and another end. */
function slow(filler: string, end = "x"): string {
  return `a${filler.repeat(MANY / filler.length)}${end}`;
}

/** Requests whose fields are slow for a parser that is not linear. */
const SLOW_REQUESTS: readonly Uint8Array[] = [
  get("/http", { Accept: slow(" ") }),
  get("/http", { Accept: slow(",a;q=0.1") }),
  get("/console/main.js", { "Accept-Encoding": slow(" ") }),
  get("/console/main.js", { "If-None-Match": slow(`"a", `) }),
  get("/metrics", { Authorization: `Bearer${slow(" ")}` }),
  get("/auth", { Cookie: slow("; ") }),
  get("/sse", { "Last-Event-ID": slow("1") }),
  get(`/http?${"a&".repeat(MANY / 2)}`),
  bytesOf(handshake("/ws", { "Sec-WebSocket-Protocol": slow(" ,") })),
  bytesOf(handshake("/ws", { "Sec-WebSocket-Extensions": slow("; ") })),
  bytesOf(handshake("/ws", { "Connection": slow(" ") })),
];

/** A request with a body that lacks its last byte. */
const BODY = joined(
  bytesOf(
    requestHead("/http", {
      "Host": "127.0.0.1",
      "Content-Length": String(2 ** 20),
    }, "POST"),
  ),
  new Uint8Array(2 ** 20 - 1),
);

/** A client that sends the same bytes without an end, after others, and reads. */
function endless(
  bytes: Uint8Array,
  first = new Uint8Array(0),
): Attack["behave"] {
  return async (target, signal) => {
    using socket = await Socket.connect(target, signal);
    await socket.write(first);
    await Promise.all([socket.flood(bytes), socket.drain()]);
  };
}

/** A client that sends a request, and then something else without an end. */
function behind(path: string): Attack["behave"] {
  return async (target, signal) => {
    using socket = await Socket.connect(target, signal);
    await socket.write(get(path));
    await socket.flood(new Uint8Array(64 * 1024));
  };
}

/** A request with a small body, whose answer waits for a millisecond. */
const SMALL_BODY = joined(
  bytesOf(
    requestHead("/http?delay=1", {
      "Host": "127.0.0.1",
      "Content-Length": "1000",
    }, "POST"),
  ),
  new Uint8Array(1000),
);

/** The head of a request with a chunked body. */
const CHUNKED = bytesOf(
  requestHead("/http", {
    "Host": "127.0.0.1",
    "Transfer-Encoding": "chunked",
  }, "POST"),
);

/** Many chunks of one byte. */
const CHUNKS = bytesOf("1\r\nx\r\n".repeat(10_000));

/** A message that takes an entry of a journal. */
const MESSAGE = encodeFrame("text", "x".repeat(100), MASKED);

/** The attacks. */
export const HTTP: readonly Attack[] = [
  {
    ...COMMON,
    name: "If-None-Match with 64000 spaces",
    clients: 1,
    behave: request(get("/console/main.js", {
      "If-None-Match": slow(" "),
      "Connection": "close",
    })),
  },
  {
    ...COMMON,
    name: "other fields of 64 KB",
    clients: 4,
    async behave(target, signal) {
      for (const bytes of SLOW_REQUESTS) {
        using socket = await Socket.connect(target.http ?? target, signal);
        await socket.write(bytes).catch(() => {});
        await socket.readByte().catch(() => {});
      }
    },
  },
  {
    ...COMMON,
    name: "event streams of one address",
    clients: 1000,
    shortClients: 1000,
    listeners: ["edge"],
    honest: "/http",
    behave: request(get("/sse?tick=3600000")),
  },
  {
    ...COMMON,
    name: "event streams that are never read",
    clients: 250,
    listeners: ["edge"],
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      await socket.write(get("/sse?tick=10"));
      await socket.hold();
    },
  },
  {
    ...COMMON,
    name: "delayed answers of one address",
    clients: 1000,
    shortClients: 1000,
    listeners: ["edge"],
    honest: "/http",
    behave: request(get("/http?delay=60000")),
  },
  {
    ...COMMON,
    name: "unfinished bodies of one address",
    clients: 100,
    listeners: ["edge"],
    honest: "/http",
    behave: request(BODY),
  },
  {
    path: "/ws?journal=unread",
    name: "journals that are never read",
    clients: 80,
    listeners: ["edge"],
    honest: "/healthz",
    async behave(target, signal) {
      using recorded = await Socket.upgrade(target, signal);
      await recorded.write(repeated(MESSAGE));
      using reader = await Socket.connect(target, signal);
      await reader.write(repeated(get("/journal/unread?format=json")));
      await recorded.drain();
    },
  },
  {
    ...COMMON,
    name: "pipelined requests that are never read",
    clients: 20,
    listeners: ["edge"],
    honest: "/healthz",
    async behave(target, signal) {
      using socket = await Socket.connect(target, signal);
      await socket.flood(repeated(get("/healthz")));
    },
  },
  {
    ...COMMON,
    name: "pipelined requests",
    clients: 200,
    listeners: ["edge"],
    behave: endless(repeated(get("/info"))),
  },
  {
    ...COMMON,
    name: "pipelined requests with bodies",
    clients: 100,
    listeners: ["edge"],
    behave: endless(repeated(SMALL_BODY)),
  },
  {
    ...COMMON,
    name: "chunked bodies of 1-byte chunks",
    clients: 24,
    listeners: ["edge"],
    behave: endless(CHUNKS, CHUNKED),
  },
  {
    ...COMMON,
    name: "floods behind a request that waits",
    clients: 100,
    listeners: ["edge"],
    behave: behind("/http?delay=60000"),
  },
  {
    ...COMMON,
    name: "floods behind an event stream",
    clients: 100,
    listeners: ["edge"],
    behave: behind("/sse"),
  },
];
