/**
 * A journal as HAR 1.2 (HTTP Archive), with the messages as browsers export them:
 * `_webSocketMessages`. The client is the side that sends.
 *
 * @module
 */

import about from "../../../deno.json" with { type: "json" };
import { STATUS_TEXT } from "@std/http/status";
import type { Journal } from "../record/journal.ts";
import type { ConnectionRecord } from "../record/connection_record.ts";
import { type FrameEntry, isFrame } from "../record/entry.ts";
import type { Field, Head } from "../record/head.ts";
import { entriesNow } from "./entries_now.ts";
import { textOrHex } from "./json.ts";
import { jsonText, LongList } from "./json_text.ts";

/**
 * The journal as JSON text in pieces.
 *
 * @param journal with its connections
 */
export function journalHar({ connections }: Journal): Generator<string> {
  return jsonText({
    log: {
      version: "1.2",
      creator: { name: "ws-echo-server", version: about.version },
      entries: new LongList([...connections].values().map(entryOf)),
    },
  });
}

function entryOf(record: ConnectionRecord): object {
  const { request, response, startedAt, status = 0 } = record;
  const [method = "", target = ""] = request?.line.split(" ") ?? [];
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: record.duration,
    request: {
      method,
      url: urlOf(record, target),
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: headersOf(request),
      queryString: queryOf(target),
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status,
      statusText: STATUS_TEXT[status as keyof typeof STATUS_TEXT] ?? "",
      httpVersion: "HTTP/1.1",
      cookies: [],
      headers: headersOf(response),
      content: { size: 0, mimeType: "x-unknown" },
      redirectURL: "",
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    timings: { send: 0, wait: record.duration, receive: 0 },
    connection: String(record.id),
    _resourceType: "websocket",
    _webSocketMessages: new LongList(
      entriesNow(record).filter(isFrame).map((frame) =>
        messageOf(record, frame)
      ),
    ),
  };
}

function headersOf(head: Head | undefined): object[] {
  return pairs(head?.fields ?? []);
}

function queryOf(target: string): object[] {
  const query = target.indexOf("?");
  if (query < 0) return [];
  return pairs([...new URLSearchParams(target.slice(query))]);
}

function pairs(fields: readonly Field[]): object[] {
  return fields.map(([name, value]) => ({ name, value }));
}

function urlOf({ request }: ConnectionRecord, target: string): string {
  const host = request?.fields.find(([name]) => name.toLowerCase() === "host");
  return `ws://${host?.[1] ?? "localhost"}${target}`;
}

/** A frame, whose payload may be cut; bytes are in base64, as browsers have them. */
function messageOf({ startedAt }: ConnectionRecord, frame: FrameEntry): object {
  const { opcode, from, time, head, seen, length } = frame;
  const bytes = head.subarray(0, seen);
  const shown = textOrHex(bytes, bytes.length < length);
  return {
    type: from === "client" ? "send" : "receive",
    time: (startedAt + time) / 1000,
    opcode,
    data: opcode !== 2 && "text" in shown ? shown.text : bytes.toBase64(),
    _length: length,
  };
}
