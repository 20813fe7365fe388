/**
 * Steps of the handshake that change the 101.
 *
 * @module
 */

import { zlibStreamsWork } from "../../../lib/runtime/zlib_stream.ts";
import {
  type Argument,
  bytes,
  fieldValue,
  MAX_BIG_FIELDS,
  number,
  text,
  token,
  word,
} from "../arguments/argument.ts";
import { optional } from "../arguments/argument.ts";
import type { Draft } from "../engine/draft.ts";
import { type Step, step } from "../engine/step.ts";

const ACCEPT = "Sec-WebSocket-Accept";
const PROTOCOL = "Sec-WebSocket-Protocol";
const EXTENSIONS = "Sec-WebSocket-Extensions";

/** Fields that the listeners write themselves. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
  "transfer-encoding",
  "upgrade",
]);

const MODES = ["none", "mirror", "first", "twice", "case"] as const;

/** How the subprotocol is chosen. */
type Choice = { readonly mode: typeof MODES[number] } | {
  readonly name: string;
};

const CHOICE: Argument<Choice> = {
  name: "NAME",
  allowed: `${
    MODES.join(", ")
  }, or a token of at most 128 characters; =NAME for a name that is one of these words`,
  parse(text) {
    const mode = MODES.find((mode) => mode === text);
    if (mode !== undefined) return { mode };
    const name = token.parse(text.startsWith("=") ? text.slice(1) : text);
    return name === undefined ? undefined : { name };
  },
};

/** The steps that change the 101. */
export const HEAD_STEPS: readonly Step[] = [
  step({
    name: "field",
    phase: "handshake",
    needs: "any",
    prefersWire: () => true,
    arguments: [token, fieldValue],
    needsWith: ([name]) => OWN_FIELDS.has(name.toLowerCase()) ? "wire" : "any",
    sentence: "Adds a header field to the answer; several may have one name.",
    example: "field:Set-Cookie:a=1/field:Set-Cookie:b=2/echo",
    client: "Ignores fields that it does not know, and may store cookies.",
    section: "RFC 6455 §4.2.2",
    suites: ["web-platform-tests", "okhttp", "dotnet", "gorilla"],
    draft(draft, [name, value]) {
      draft.add(name, value);
    },
  }),
  step({
    name: "big-field",
    phase: "handshake",
    needs: "wire",
    arguments: [number("BYTES", 1, MAX_BIG_FIELDS, "bytes")],
    sentence: "Adds a header field with a value of this size.",
    example: "big-field:65536/echo",
    client: "Accepts the answer, or fails the connection at its limit.",
    section: "RFC 9110 §5.4",
    suites: ["ws", "gorilla", "Espressif"],
    draft(draft, [size]) {
      draft.add("X-Big", "x".repeat(size));
    },
  }),
  step({
    name: "accept",
    phase: "handshake",
    needs: "wire",
    isOnce: true,
    isFor101: true,
    arguments: [word("HOW", "wrong", "missing", "twice")],
    sentence: "Sends a wrong Sec-WebSocket-Accept, none, or two.",
    example: "accept:wrong",
    client: "Fails the connection.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "okhttp", "undici", "ws", "gorilla", "dart"],
    draft(draft, [how]) {
      const right = draft.field(ACCEPT) ?? "";
      const wrong = new Uint8Array(20).toBase64();
      const values = { wrong: [wrong], missing: [], twice: [right, right] };
      draft.replace(ACCEPT, values[how]);
    },
  }),
  ownField("upgrade", "Upgrade", "h2c", "upgrade:h2c"),
  ownField("connection", "Connection", "keep-alive", "connection:keep-alive"),
  step({
    name: "http",
    phase: "handshake",
    needs: "wire",
    isOnce: true,
    arguments: [{
      name: "VERSION",
      allowed: "a version such as 1.0 or 2.0",
      parse: (text) => /^\d\.\d$/.test(text) ? text : undefined,
    }],
    sentence: "Sends this HTTP version in the status line.",
    example: "http:1.0",
    client: "Fails the connection unless the version is 1.1, or accepts 1.0.",
    section: "RFC 6455 §4.2.2",
    suites: ["ws", "undici"],
    draft(draft, [version]) {
      draft.version = version;
    },
  }),
  step({
    name: "junk",
    phase: "handshake",
    needs: "wire",
    isOnce: true,
    arguments: [bytes(65_536)],
    sentence: "Sends bytes in front of the status line.",
    example: "junk:0d0a00",
    client: "Fails the connection.",
    section: "RFC 9112 §2.2",
    suites: ["web-platform-tests", "ws", "undici"],
    draft(draft, [source]) {
      draft.junk = source.make();
    },
  }),
  step({
    name: "body",
    phase: "handshake",
    needs: "wire",
    isOnce: true,
    isFor101: true,
    arguments: [text("TEXT")],
    sentence: "Sends a 101 with a Content-Length and this body.",
    example: "body:hello/echo",
    client:
      "Takes the body for frames, since a 101 has none, and fails the connection.",
    section: "RFC 9110 §15.2",
    suites: ["undici", "ws"],
    draft(draft, [body]) {
      draft.body = body;
    },
  }),
  step({
    name: "subprotocol",
    phase: "handshake",
    needs: "any",
    isOnce: true,
    isFor101: true,
    arguments: [CHOICE],
    needsWith: ([choice]) =>
      "mode" in choice && (choice.mode === "mirror" || choice.mode === "twice")
        ? "wire"
        : "any",
    sentence:
      "Answers with this subprotocol, none, the whole offer, the first, the first twice, or the first in the other case.",
    example: "subprotocol:mqtt",
    client: "Fails the connection for a subprotocol that it did not offer.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "okhttp", "undici", "ws", "gorilla", "dart"],
    draft: setSubprotocol,
  }),
  step({
    name: "extensions",
    phase: "handshake",
    needs: "wire",
    isOnce: true,
    isFor101: true,
    arguments: [fieldValue],
    sentence: "Answers with these extensions, offered or not.",
    example: "extensions:permessage-deflate;%20server_max_window_bits=7",
    client:
      "Fails the connection for an extension or a parameter that is not acceptable.",
    section: "RFC 6455 §9.1, RFC 7692 §7.1",
    suites: ["web-platform-tests", "okhttp", "undici", "ws", "dart"],
    draft(draft, [value]) {
      draft.replace(EXTENSIONS, [value]);
    },
  }),
  step({
    name: "compression",
    phase: "handshake",
    needs: "any",
    isOnce: true,
    isFor101: true,
    arguments: [word("HOW", "off")],
    sentence: "Does not negotiate permessage-deflate.",
    example: "compression:off/echo",
    client: "Sends and gets uncompressed messages.",
    section: "RFC 7692 §5",
    suites: ["ws"],
    draft(draft) {
      draft.compression = false;
    },
  }),
  step({
    name: "deflate",
    phase: "handshake",
    needs: "wire",
    isOnce: true,
    isFor101: true,
    arguments: [optional(number("BITS", 9, 15))],
    sentence:
      "Agrees on permessage-deflate without context takeover, with a server window of this size; 400 without an offer.",
    example: "deflate/compressed:hello",
    client: "Inflates messages with RSV1.",
    section: "RFC 7692 §7",
    suites: ["okhttp", "undici", "ws", "gorilla", "Autobahn"],
    draft(draft, [bits]) {
      const offer = draft.request.headers.get("sec-websocket-extensions") ?? "";
      if (!/permessage-deflate/i.test(offer)) return draft.refuse(NO_OFFER);
      if (!zlibStreamsWork()) return draft.refuse(NO_INFLATER);
      const window = bits === undefined
        ? ""
        : `; server_max_window_bits=${bits}`;
      draft.windowBits = bits ?? 15;
      draft.replace(EXTENSIONS, [
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover" +
        window,
      ]);
    },
  }),
];

const NO_OFFER =
  "The plan needs permessage-deflate, which the client does not offer.";

const NO_INFLATER =
  "The plan needs permessage-deflate, which this version of the runtime does not support.";

/** Makes the step of a field that the 101 has. */
function ownField(
  name: string,
  field: string,
  value: string,
  example: string,
): Step {
  return step({
    name,
    phase: "handshake",
    needs: "wire",
    isOnce: true,
    isFor101: true,
    arguments: [fieldValue],
    sentence:
      `Sends this ${field} field in the 101, or none if the value is missing.`,
    example,
    client: `Fails the connection unless ${field} is right; ${value} is not.`,
    section: "RFC 6455 §4.1",
    suites: ["okhttp", "undici", "ws", "gorilla", "dart"],
    draft(draft, [value]) {
      draft.replace(field, value === "missing" ? [] : [value]);
    },
  });
}

function setSubprotocol(draft: Draft, [choice]: readonly [Choice]): void {
  if ("name" in choice) {
    draft.protocol = choice.name;
    return;
  }
  const offer = draft.request.headers.get("sec-websocket-protocol") ?? "";
  const first = offer.split(",")[0]!.trim();
  switch (choice.mode) {
    case "none":
      draft.protocol = "";
      break;
    case "first":
      draft.protocol = first;
      break;
    case "case":
      draft.protocol = otherCase(first);
      break;
    case "mirror":
      draft.replace(PROTOCOL, offer === "" ? [] : [offer]);
      break;
    case "twice":
      draft.replace(PROTOCOL, first === "" ? [] : [first, first]);
  }
}

function otherCase(name: string): string {
  const upper = name.toUpperCase();
  return upper === name ? name.toLowerCase() : upper;
}
