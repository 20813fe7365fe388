/**
 * Rules about the opening handshake (RFC 6455 §4.1).
 *
 * @module
 */

import { isToken } from "../../../lib/protocol/handshake.ts";
import type { ConnectionRecord } from "../record/connection_record.ts";
import { valuesOf } from "../record/head.ts";
import { clientFrames, WRITE_DELAY } from "./facts.ts";
import {
  amount,
  failed,
  type Judgement,
  notTested,
  passed,
  type Rule,
} from "./rule.ts";

/** Keys that no random choice makes: the example of RFC 6455 §1.3, and 16 zeros. */
const KNOWN_KEYS = ["dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA=="];

/** Base64 of 16 bytes: 22 characters, and two for the padding. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

const KEY_FIELD = "sec-websocket-key";

const NO_REQUEST = notTested("no request is recorded");

/** The rules about the opening handshake. */
export const HANDSHAKE_RULES: readonly Rule[] = [
  {
    id: "request-line",
    section: "RFC 6455 §4.1",
    level: "MUST",
    text: "The request is a GET of HTTP/1.1.",
    isOnEdge: false,
    judge(record) {
      const { request } = record;
      if (request === undefined) return NO_REQUEST;
      if (!request.isRaw) return notTested("the listener does not show it");
      const entries = requestEntries(record);
      return /^GET \S+ HTTP\/1\.1$/.test(request.line)
        ? passed(entries)
        : failed(entries, `the line is ${JSON.stringify(request.line)}`);
    },
  },
  {
    id: "required-fields",
    section: "RFC 6455 §4.1",
    level: "MUST",
    text:
      "The request has Host, Upgrade: websocket, Connection: Upgrade, Sec-WebSocket-Key and Sec-WebSocket-Version: 13, each once.",
    isOnEdge: true,
    judge: judgeFields,
  },
  {
    id: "key-length",
    section: "RFC 6455 §4.1",
    level: "MUST",
    text: "The key is the base64 form of 16 bytes.",
    isOnEdge: true,
    judge(record) {
      const key = keyOf(record);
      if (key === undefined) return notTested("the request has no key");
      return KEY.test(key)
        ? passed(requestEntries(record))
        : failed(requestEntries(record), `the key is ${JSON.stringify(key)}`);
    },
  },
  {
    id: "key-fresh",
    section: "RFC 6455 §4.1",
    level: "MUST",
    text: "Each connection has a new, random key.",
    isOnEdge: true,
    judge: judgeFreshness,
  },
  {
    id: "subprotocols",
    section: "RFC 6455 §4.1",
    level: "MUST",
    text: "The offered subprotocols are different tokens.",
    isOnEdge: true,
    judge(record) {
      const values = valuesOf(record.request, "sec-websocket-protocol");
      if (values.length === 0) return notTested("no subprotocol is offered");
      const names = values.join(",").split(",").map((name) => name.trim());
      const isList = names.every(isToken) &&
        new Set(names).size === names.length;
      const entries = requestEntries(record);
      return isList
        ? passed(entries)
        : failed(entries, `the list is ${JSON.stringify(values.join(", "))}`);
    },
  },
  {
    id: "waits-for-response",
    section: "RFC 6455 §4.1",
    level: "MUST",
    text: "The client sends no frame before it has the response.",
    isOnEdge: false,
    judge(record) {
      const response = record.entries.find(({ kind }) => kind === "response");
      const latest = (response?.time ?? Infinity) - WRITE_DELAY;
      const frames = clientFrames(record);
      const early = frames.filter(({ isPipelined, time }) =>
        isPipelined || time < latest
      );
      if (early.length > 0) return failed(early, "frames before the response");
      return frames.length > 0
        ? passed(frames.slice(0, 1))
        : notTested("the client sends no frame");
    },
  },
];

function requestEntries(record: ConnectionRecord) {
  return record.entries.filter(({ kind }) => kind === "request");
}

function keyOf({ request }: ConnectionRecord): string | undefined {
  return valuesOf(request, KEY_FIELD)[0];
}

function judgeFields(record: ConnectionRecord): Judgement {
  const { request } = record;
  if (request === undefined) return NO_REQUEST;
  const expected: readonly [string, RegExp][] = [
    ["host", /./],
    ["upgrade", /^websocket$/i],
    ["connection", /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i],
    [KEY_FIELD, /./],
    ["sec-websocket-version", /^13$/],
  ];
  const wrong = expected.filter(([name, pattern]) => {
    const values = valuesOf(request, name);
    return values.length !== 1 || !pattern.test(values[0]!);
  }).map(([name]) => name);
  return wrong.length === 0 ? passed(requestEntries(record)) : failed(
    requestEntries(record),
    `missing, repeated or wrong: ${wrong.join(", ")}`,
  );
}

function judgeFreshness(
  record: ConnectionRecord,
  others: readonly ConnectionRecord[],
): Judgement {
  const key = keyOf(record);
  const entries = requestEntries(record);
  if (key === undefined) return notTested("the request has no key");
  if (KNOWN_KEYS.includes(key)) {
    return failed(entries, "the key is a known example");
  }
  const same = others.find((other) => keyOf(other) === key);
  if (same !== undefined) {
    return failed(entries, `connection ${same.id} has the same key`);
  }
  return others.length === 0
    ? notTested("it takes two connections of one journal")
    : passed(
      entries,
      `another key than ${amount(others.length, "connection")}`,
    );
}
