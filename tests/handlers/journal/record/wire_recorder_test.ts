import { assert, assertEquals } from "@std/assert";
import {
  MAX_ENTRIES,
  PAYLOAD_HEAD,
} from "../../../../handlers/journal/record/connection_record.ts";
import type { FrameEntry } from "../../../../handlers/journal/record/entry.ts";
import { entryJson } from "../../../../handlers/journal/views/json.ts";
import { encodeFrame } from "../../../../lib/client/frame.ts";
import { Played } from "../played.ts";

const KEY = new Uint8Array([1, 2, 3, 4]);

Deno.test("WireRecorder records request, response, frames and ends in their order", () => {
  const { record } = Played.open().pass(5)
    .client("text", "hi", { mask: KEY }).pass(2)
    .server("text", "ho")
    .clientClose(1000, "bye").serverClose(1000).serverFin().clientFin()
    .ended();
  assertEquals(record.state, "closed");
  assertEquals(
    record.entries.map(({ n, kind, from }) => `${n} ${kind} ${from}`),
    [
      "0 request client",
      "1 response server",
      "2 frame client",
      "3 frame server",
      "4 frame client",
      "5 frame server",
      "6 fin server",
      "7 fin client",
      "8 end server",
    ],
  );
  assertEquals(entryJson(record.entries[2]!), {
    n: 2,
    time: 5,
    from: "client",
    type: "frame",
    opcode: "text",
    fin: true,
    rsv: 0,
    masked: true,
    mask: "01020304",
    lengthBits: 7,
    length: 2,
    text: "hi",
    cut: false,
    complete: true,
    completedAt: 5,
  });
  assertEquals(
    { ...entryJson(record.entries[4]!), mask: "" },
    {
      n: 4,
      time: 7,
      from: "client",
      type: "frame",
      opcode: "close",
      fin: true,
      rsv: 0,
      masked: true,
      mask: "",
      lengthBits: 7,
      length: 5,
      hex: "03e8627965",
      cut: false,
      complete: true,
      completedAt: 7,
      code: 1000,
      reason: "bye",
    },
  );
});

Deno.test("WireRecorder makes the same entries wherever the bytes are split", () => {
  const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const bytes = new Uint8Array([
    ...new TextEncoder().encode(request),
    ...encodeFrame("text", "hello", { mask: KEY }),
    ...encodeFrame("ping", "p", { mask: KEY }),
  ]);
  const entriesOf = (pieces: Uint8Array[]) => {
    const { recorder, record } = new Played();
    for (const piece of pieces) recorder.received(piece);
    return record.entries.map(entryJson);
  };
  const whole = entriesOf([bytes]);
  assertEquals(whole.length, 3);
  for (let at = 0; at < bytes.length; at++) {
    const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
    assertEquals(entriesOf(pieces), whole, `split at ${at}`);
  }
});

Deno.test("WireRecorder keeps the first bytes of a payload of 16 MiB", () => {
  const played = Played.open();
  const { recorder, record, budget } = played;
  const header = [0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4];
  recorder.received(new Uint8Array(header));
  for (let i = 0; i < 256; i++) recorder.received(new Uint8Array(65_536));
  const entry = record.entries.at(-1) as FrameEntry;
  assertEquals(entry.head.length, PAYLOAD_HEAD);
  assertEquals([entry.seen, entry.length], [2 ** 24, 2 ** 24]);
  assert(budget.held < 4096, `${budget.held} bytes are held`);
});

Deno.test("WireRecorder shows an incomplete frame as such", () => {
  const frame = encodeFrame("text", "hello", { mask: KEY });
  const played = Played.open();
  played.recorder.received(frame.subarray(0, 9));
  const { complete, seen, text } = entryJson(played.record.entries.at(-1)!);
  assertEquals([complete, seen, text], [false, 3, "hel"]);
});

Deno.test("WireRecorder shows an incomplete header at the end as bytes", () => {
  const played = Played.open();
  played.recorder.received(new Uint8Array([0x81, 0xfe]));
  const { entries } = played.clientFin().record;
  assertEquals(entryJson(entries.at(-2)!), {
    n: 2,
    time: 0,
    from: "client",
    type: "bytes",
    length: 2,
    hex: "81fe",
    cut: false,
  });
});

Deno.test("WireRecorder records the body of a response that is no 101", () => {
  const played = new Played().request().response(["HTTP/1.1 403 Forbidden"]);
  const encoder = new TextEncoder();
  played.recorder.sent(encoder.encode("no "));
  played.recorder.sent(encoder.encode("entry"));
  const { record } = played.ended();
  assertEquals(record.state, "refused");
  const body = record.entries.find(({ kind }) => kind === "bytes")!;
  assertEquals(entryJson(body).text, "no entry");
});

Deno.test("WireRecorder records bytes that are no response", () => {
  const played = new Played().request();
  played.recorder.sent(new TextEncoder().encode("SSH-2.0-x"));
  const { record } = played.ended();
  assertEquals(record.response, undefined);
  assertEquals(entryJson(record.entries[1]!).text, "SSH-2.0-x");
});

Deno.test("WireRecorder says that the client ended a failed connection", () => {
  const { record } = Played.open().ended("failed");
  const { how, from } = entryJson(record.entries.at(-1)!);
  assertEquals([how, from], ["failed", "client"]);
});

Deno.test("a record counts data frames above its limit and keeps the end", () => {
  const played = Played.open();
  for (let i = 0; i < MAX_ENTRIES + 10; i++) played.client("text", "x");
  const { record } = played.clientClose(1000).ended();
  assertEquals(record.omitted, 12);
  assertEquals(record.client.messages, MAX_ENTRIES + 10);
  const { opcode, n } = entryJson(record.entries.at(-2)!);
  assertEquals([opcode, n], ["close", MAX_ENTRIES + 12]);
  assertEquals(record.entries.at(-1)!.kind, "end");
});

Deno.test("a record gives its memory back when it is discarded", () => {
  const { record, budget } = Played.open().client("text", "x");
  assert(budget.held > 0);
  record.discard();
  assertEquals([budget.held, record.entries.length], [0, 0]);
});
