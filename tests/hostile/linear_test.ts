import { assert } from "@std/assert";
import { isBasicRight } from "../../handlers/script/handshake/basic.ts";
import { checkDigest } from "../../handlers/script/handshake/digest.ts";
import { parsePlan } from "../../handlers/script/notation/parse_plan.ts";
import { parseStep } from "../../handlers/script/notation/parse_step.ts";
import { parseBehaviour } from "../../handlers/script/query/parse.ts";
import { consoleRoutes } from "../../handlers/console/console.ts";
import { messageOf } from "../../handlers/sessions/message.ts";
import { credential } from "../../lib/http/bearer.ts";
import { decodeMessage } from "../../lib/cluster/bus/message.ts";
import { agreeOnDeflate } from "../../lib/frame/codec/deflate_offer.ts";
import { parseExtensions } from "../../lib/frame/codec/extensions.ts";
import { parseHead } from "../../lib/frame/codec/request_head.ts";
import {
  checkHandshake,
  isHost,
  isToken,
} from "../../lib/protocol/handshake.ts";
import { shareRoutes } from "../../lib/http/cors.ts";
import { readParameter, wholeNumber } from "../../lib/http/query.ts";
import {
  maskField,
  maskParameter,
  maskUrl,
} from "../../lib/http/secret_masking.ts";
import {
  type Fields,
  httpErrorResponse,
} from "../../lib/protocol/http_error.ts";
import { addressKey } from "../../lib/limits/address/address_key.ts";
import { clientAddress } from "../../lib/limits/address/client_address.ts";
import { printable } from "../../lib/log/log.ts";
import { methodLabel } from "../../lib/metrics/labels.ts";
import { PathPattern } from "../../lib/routing/path_pattern.ts";
import { originForm, pathOf } from "../../lib/protocol/request_target.ts";
import type { HttpRoute } from "../../lib/routing/router.ts";
import { HTTP_INFO } from "../handlers/fakes.ts";
import { exchange } from "../integration/support/raw.ts";
import { serverTest } from "../integration/support/suite.ts";
import { handshake, requestHead, SAMPLE } from "../integration/support/wire.ts";

/** Characters of an input; a head on the edge listener has at most about 64 KiB. */
const LENGTH = 60_000;

/** Texts on which a parser may backtrack, by their length. */
const PATTERNS: Readonly<Record<string, (length: number) => string>> = {
  "blanks between": (length) => `a${" ".repeat(length)}x`,
  "tabs between": (length) => `a${"\t".repeat(length)}x`,
  "blanks in front": (length) => `${" ".repeat(length)}x`,
  "a scheme and blanks": (length) => `Bearer a${" ".repeat(length)}x`,
  "a list and blanks": (length) => `upgrade, a${" ".repeat(length)}x`,
  "parameters and blanks": (length) => `text/x;charset${" ".repeat(length)}x`,
  letters: (length) => "a".repeat(length),
  commas: (length) => ",".repeat(length),
  "commas and blanks": (length) => ", ".repeat(length / 2),
  semicolons: (length) => `a/b${";".repeat(length - 3)}`,
  "semicolons and blanks": (length) => "; ".repeat(length / 2),
  "equals signs": (length) => `a${"=".repeat(length)}`,
  quotes: (length) => `a;b="${'\\"'.repeat(length / 2)}`,
  slashes: (length) => "/".repeat(length),
  "dot segments": (length) => "/a/..".repeat(length / 5),
  "question marks": (length) => "?".repeat(length),
  ampersands: (length) => "&a".repeat(length / 2),
  "at signs": (length) => "//a@".repeat(length / 4),
  "URLs without users": (length) => "//a".repeat(length / 3),
  colons: (length) => ":".repeat(length),
  escapes: (length) => "%41".repeat(length / 3),
  "escapes of escapes": (length) => `?a=${"%25".repeat(length / 3)}`,
  "media types": (length) => "a/b;c=d,".repeat(length / 8),
  "wild cards": (length) => "*/*,".repeat(length / 4),
  "parameters of a query": (length) => "?a=b&".repeat(length / 5),
  "names of secrets": (length) => "?token=a&".repeat(length / 9),
  cookies: (length) => "a=b;".repeat(length / 4),
  subtypes: (length) => `application/${"a.".repeat(length / 2)}`,
  extensions: (length) => "permessage-deflate,".repeat(length / 19),
  "different words": (length) => numbered(length, "t"),
  "different numbers": (length) => numbered(length, "1"),
  brackets: (length) => `[${":".repeat(length)}]`,
  "not ASCII": (length) => "é".repeat(length / 2),
};

function numbered(length: number, first: string): string {
  const count = length / 8;
  return Array.from({ length: count }, (_, i) => `${first}${100000 + i}`)
    .join(",");
}

const FIELDS: Readonly<Record<string, string>> = {
  "host": "a.test",
  "upgrade": "websocket",
  "connection": "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": SAMPLE.key,
};

function withFields(fields: Readonly<Record<string, string>>) {
  const headers: Fields = { get: (name) => fields[name] ?? null };
  return { method: "GET", headers };
}

/** Checks a handshake with the input in one field. */
function checkField(name: string, text: string) {
  return checkHandshake(withFields({ ...FIELDS, [name]: text }), {
    subprotocols: ["echo", "chat"],
    allowedOrigins: new Set(["https://a.test"]),
  });
}

const CLIENT: Deno.NetAddr = {
  transport: "tcp",
  hostname: "192.0.2.1",
  port: 1,
};

const NUMBER = wholeNumber(0, 10);

const SHARED = shareRoutes(
  { "/a": { "*": () => new Response() } },
  undefined,
)["/a"] as HttpRoute;

const CONSOLE = consoleRoutes({
  metrics: {
    figures: () => Promise.resolve({ connections: 0, messages: 0 }),
  },
  metricsToken: undefined,
  routes: () => ({}),
  listeners: () => [],
})["/console/*"] as HttpRoute;

const PATTERN = new PathPattern("/sessions/:id/messages");
const REST = new PathPattern("/http/*");

const CREDENTIALS = { user: "user", password: "password" };

/** A text as a valid field value. */
function fieldValue(text: string): string {
  return text.replaceAll("é", "e").trim();
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The functions that parse a client's input, by the input. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "Accept": (text) =>
    httpErrorResponse(withFields({ accept: text }), {
      status: 404,
      message: "",
    }),
  "If-None-Match": (text) => askConsole({ "if-none-match": fieldValue(text) }),
  "Accept-Encoding": (text) =>
    askConsole({ "accept-encoding": fieldValue(text) }),
  "Authorization": (text) =>
    credential(
      withFields({ authorization: text }).headers,
      new URLSearchParams(),
      false,
    ),
  "Host": isHost,
  "a token": isToken,
  "Upgrade": (text) => checkField("upgrade", text),
  "Connection": (text) => checkField("connection", text),
  "Origin": (text) => checkField("origin", text),
  "Sec-WebSocket-Key": (text) => checkField("sec-websocket-key", text),
  "Sec-WebSocket-Protocol": (text) =>
    checkField("sec-websocket-protocol", text),
  "Sec-WebSocket-Extensions": (text) => {
    const offers = parseExtensions(text);
    return offers && agreeOnDeflate(offers);
  },
  "a head": (text) =>
    parseHead(`GET /${text} HTTP/1.1\r\n${text}:${text}\r\nA: ${text}\r\n\r\n`),
  "a head's empty lines": (text) =>
    parseHead(text.replaceAll(/../g, "\r\n") + "x"),
  "a target": (text) => pathOf(originForm(`http://${text}/ws?${text}`) ?? ""),
  "a path": (text) => PATTERN.match(`/sessions/${text}/messages`),
  "the rest of a path": (text) => REST.match(`/http/${text}`),
  "a URL": (text) => URL.parse(`http://${text}/${text}?${text}`),
  "a parameter": (text) =>
    attempt(() =>
      readParameter(
        new URL(`http://a/?n=${text}&${text}`).searchParams,
        "n",
        NUMBER,
      )
    ),
  "a query of /ws": (text) =>
    parseBehaviour(new URL(`http://a/?${text}`).searchParams, "edge"),
  "a value of /ws": (text) =>
    parseBehaviour(new URL(`http://a/?delay=${text}`).searchParams, "edge"),
  "a plan": (text) =>
    attempt(() => parsePlan(new URL(`http://a/${text}`).pathname, "frame")),
  "the steps of a plan": (text) =>
    attempt(() => parsePlan(text.replaceAll(/../g, "a/"), "frame")),
  "a step": (text) => attempt(() => parseStep(`text:${text}`)),
  "the bytes of a step": (text) => attempt(() => parseStep(`raw:${text}`)),
  "the digest of a plan": (text) =>
    checkDigest(`Digest ${text}`, CREDENTIALS, "http://a/", 0),
  "the password of a plan": (text) =>
    isBasicRight(`Basic ${text}`, CREDENTIALS),
  "X-Forwarded-For": (text) => clientAddress(CLIENT, text, 16),
  "an address": addressKey,
  "Access-Control-Request-Headers": (text) =>
    preflight({ "access-control-request-headers": fieldValue(text) }),
  "Access-Control-Request-Method": (text) =>
    preflight({ "access-control-request-method": fieldValue(text) }),
  "a shown URL": maskUrl,
  "a shown cookie": (text) => maskField("cookie", text),
  "a shown secret": (text) => maskField("authorization", text),
  "a shown field": (text) => maskField("referer", text),
  "a name": (text) => maskParameter(text, ""),
  "Content-Type": (text) =>
    attempt(() =>
      messageOf(`text/x;${text}`, {
        bytes: new Uint8Array(1),
        [Symbol.dispose]() {},
      })
    ),
  "a type": (text) =>
    attempt(() =>
      messageOf(text, { bytes: new Uint8Array(1), [Symbol.dispose]() {} })
    ),
  "a method": methodLabel,
  "a logged text": printable,
  "a message of the bus": (text) => decodeMessage(bytesOf(text)),
};

function askConsole(headers: Record<string, string>) {
  const request = new Request("http://a.test/console/main.js", { headers });
  const info = { ...HTTP_INFO, params: { "*": "main.js" } };
  return CONSOLE.GET!(request, info);
}

function preflight(fields: Record<string, string>) {
  const request = new Request("http://a.test/a", {
    method: "OPTIONS",
    headers: {
      origin: "https://a.test",
      "access-control-request-method": "GET",
      ...fields,
    },
  });
  return SHARED["*"]!(request, HTTP_INFO);
}

function bytesOf(text: string): Uint8Array {
  const content = new TextEncoder().encode(text);
  const bytes = new Uint8Array(5 + content.length);
  bytes[0] = 1;
  new DataView(bytes.buffer).setUint32(1, content.length);
  bytes.set(content, 5);
  return bytes;
}

/** The highest ratio of times for twice the input; a quadratic parser has 4. */
const MAX_RATIO = 3;

/** Measurements of each length; the shortest counts. */
const ROUNDS = 20;

/**
 * Fails when twice the length takes more than three times as long. Times below the
 * floor are not compared, because noise would decide.
 */
async function assertLinear(
  what: string,
  floor: number,
  measure: (length: number) => Promise<number>,
): Promise<void> {
  let twice = await measure(LENGTH);
  if (twice < floor) return;
  let once = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    once = Math.min(once, await measure(LENGTH / 2));
    twice = Math.min(twice, await measure(LENGTH));
    if (twice < floor || twice <= MAX_RATIO * once) return;
  }
  assert(false, `${what}: ${once} ms, and twice as long ${twice} ms`);
}

for (const [name, read] of Object.entries(READERS)) {
  Deno.test(`parsing ${name} takes linear time`, async () => {
    await read("");
    for (const [pattern, text] of Object.entries(PATTERNS)) {
      await assertLinear(pattern, 50, async (length) => {
        const input = text(length);
        const start = performance.now();
        await read(input);
        return performance.now() - start;
      });
    }
  });
}

/** Fields of HTTP requests. */
const REQUEST_FIELDS = [
  "Accept",
  "Accept-Encoding",
  "Accept-Language",
  "If-None-Match",
  "If-Match",
  "Range",
  "Authorization",
  "Cookie",
  "Host",
  "Origin",
  "Referer",
  "X-Forwarded-For",
  "Last-Event-ID",
  "Content-Type",
  "Access-Control-Request-Headers",
];

const HANDSHAKE_FIELDS = [
  "Upgrade",
  "Connection",
  "Origin",
  "X-Forwarded-For",
  "Authorization",
  "Sec-WebSocket-Version",
  "Sec-WebSocket-Key",
  "Sec-WebSocket-Protocol",
  "Sec-WebSocket-Extensions",
];

/** Share of an input that fits into a head of the frame listener. */
const FRAME_SHARE = 0.2;

const ADMIN_TOKEN = "linear-admin";
const METRICS_TOKEN = "linear-metrics";

const ENV = {
  ADMIN_TOKEN,
  METRICS_TOKEN,
  TRUST_PROXY: "2",
  HANDSHAKE_RATE: "off",
  MAX_CONNECTIONS_PER_IP: "off",
};

serverTest("requests take linear time", ENV, async (server) => {
  const edge = server.address("edge");
  const frame = server.address("frame");

  /** The processor time of the service in milliseconds. */
  const used = async (): Promise<number> => {
    const { body } = await exchange(
      edge,
      requestHead("/metrics", {
        Host: "127.0.0.1",
        Authorization: `Bearer ${METRICS_TOKEN}`,
      }),
    );
    const times = body.matchAll(/^process_cpu_time_seconds_total\S* (\S+)$/gm);
    return 1000 * times.reduce((sum, [, seconds]) => sum + Number(seconds), 0);
  };

  const requests = (text: string): [typeof edge, string][] => {
    const visible = text.replaceAll(/[\s\\é"]/g, "+");
    const short = text.slice(0, text.length * FRAME_SHARE);
    const base = { Host: "127.0.0.1" };
    return [
      ...["/console/main.js", "/", "/nowhere", "/http/a", "/metrics"].flatMap(
        (path) =>
          REQUEST_FIELDS.map((name): [typeof edge, string] => [
            edge,
            requestHead(path, { ...base, [name]: text }),
          ]),
      ),
      ...REQUEST_FIELDS.map((name): [typeof edge, string] => [
        edge,
        requestHead("/sessions/x?code=1", {
          ...base,
          Authorization: `Bearer ${ADMIN_TOKEN}`,
          [name]: text,
        }, "DELETE"),
      ]),
      ...REQUEST_FIELDS.map((name): [typeof edge, string] => [
        edge,
        requestHead("/sse", {
          ...base,
          Origin: "https://a.test",
          "Access-Control-Request-Method": "GET",
          [name]: text,
        }, "OPTIONS"),
      ]),
      ...HANDSHAKE_FIELDS.flatMap((name): [typeof edge, string][] => {
        const usual = FIELDS[name.toLowerCase()];
        const lead = usual === undefined ? "" : `${usual}, `;
        return [
          [edge, handshake("/ws?reject=404", { [name]: lead + text })],
          [edge, handshake("/auth", { [name]: lead + text })],
          [frame, handshake("/auth", { [name]: lead + short })],
        ];
      }),
      ...["/", "/http/", "/http?", "/sse?", "/ws?", "/auth?token=", "/console/"]
        .map((path): [typeof edge, string] => [
          edge,
          requestHead(path + visible, base),
        ]),
      [edge, handshake(`/auth?${visible}`)],
      [edge, handshake(`/ws?hello=${visible}`)],
      [frame, handshake(`/auth?${visible.slice(0, short.length)}`)],
    ];
  };

  for (const [pattern, text] of Object.entries(PATTERNS)) {
    await assertLinear(pattern, 250, async (length) => {
      const before = await used();
      for (const [listener, head] of requests(text(length))) {
        await exchange(listener, head);
      }
      return await used() - before;
    });
  }
});
