/**
 * The fuzzer's target for the journal: the bytes of a connection.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { ConnectionRecord } from "../../handlers/journal/record/connection_record.ts";
import { WireRecorder } from "../../handlers/journal/record/wire_recorder.ts";
import { journalHar } from "../../handlers/journal/views/har.ts";
import {
  journalJson,
  journalLines,
} from "../../handlers/journal/views/json.ts";
import { journalPage } from "../../handlers/journal/views/page.ts";
import { REMOTE_ADDR } from "../handlers/fakes.ts";

const encoder = new TextEncoder();

const REQUEST = encoder.encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

const RESPONSE = encoder.encode(
  "HTTP/1.1 101 x\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
);

/** The record of bytes that arrive in pieces of a size, from both sides. */
function recordOf(stream: Uint8Array, size: number, hasHeads: boolean) {
  const record = new ConnectionRecord({
    id: 1,
    listener: "frame",
    remoteAddr: REMOTE_ADDR,
    budget: { take: () => true, give() {} },
    now: () => 0,
  });
  // The fuzzer's loop is one event, in which microtasks would pile up.
  const recorder = new WireRecorder(record, () => {});
  if (hasHeads) {
    recorder.received(REQUEST);
    recorder.endEvent();
    recorder.sent(RESPONSE);
  }
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += size) {
    pieces.push(stream.subarray(at, at + size));
  }
  for (const piece of pieces) recorder.received(piece);
  recorder.inputEnded();
  for (const piece of pieces) recorder.sent(piece);
  recorder.ended("closed");
  return record;
}

/**
 * Any bytes make a record, a verdict and every view; the pieces in which they arrive have
 * no effect. The first byte of the input chooses the pieces.
 *
 * @param input any bytes
 */
export function checkJournal(input: Uint8Array): void {
  const [how = 0] = input;
  const stream = input.slice(1);
  const shown = [stream.length || 1, 1 + (how >> 2)].map((size) => {
    const record = recordOf(stream, size, how % 4 !== 0);
    const journal = { name: "fuzz", connections: [record], removed: 0 };
    JSON.parse([...journalHar(journal)].join(""));
    [...journalLines(journal)].join("");
    [...journalPage(journal).pieces].join("");
    const json = [...journalJson(journal)].join("");
    const { connections } = JSON.parse(json) as {
      connections: Record<string, unknown>[];
    };
    const { startedAt: _, ...rest } = connections[0]!;
    return rest;
  });
  assertEquals(shown[0], shown[1]);
}
