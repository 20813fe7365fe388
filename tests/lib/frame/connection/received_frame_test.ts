import { assert, assertEquals } from "@std/assert";
import { ReceivedFrame } from "../../../../lib/frame/connection/received_frame.ts";
import { OPCODE_NUMBER } from "../../../../lib/websocket.ts";

/** A view of a text inside other bytes. */
function view(payload: string | Uint8Array): ReceivedFrame {
  const bytes = typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : payload;
  const frame = new ReceivedFrame();
  frame.bytes = new Uint8Array(bytes.length + 20).fill(0x21);
  frame.bytes.set(bytes, 7);
  frame.start = 7;
  frame.end = 7 + bytes.length;
  return frame;
}

for (const [name, code] of Object.entries(OPCODE_NUMBER)) {
  Deno.test(`ReceivedFrame.opcode names ${code} ${name}`, () => {
    const frame = new ReceivedFrame();
    frame.code = code;
    assertEquals(frame.opcode, name);
  });
}

Deno.test("ReceivedFrame.payload is a view of the bytes", () => {
  const frame = view("hello");
  assertEquals(new TextDecoder().decode(frame.payload), "hello");
  assert(frame.payload.buffer === frame.bytes.buffer);
});

Deno.test("ReceivedFrame.payload can be empty", () => {
  assertEquals(new ReceivedFrame().payload.length, 0);
  assertEquals(view("").payload.length, 0);
});

Deno.test("ReceivedFrame.text() decodes UTF-8", () => {
  assertEquals(view("aß€😀").text(), "aß€😀");
  assertEquals(view("").text(), "");
});

Deno.test("ReceivedFrame.text() keeps a byte order mark", () => {
  assertEquals(view("\ufeffx").text(), "\ufeffx");
});

Deno.test("ReceivedFrame.text() reads a malformed sequence as U+FFFD", () => {
  assertEquals(view(Uint8Array.of(0x61, 0xff, 0x62)).text(), "a\ufffdb");
});

for (
  const [text, prefix, expected] of [
    ["Ping", "Ping", true],
    ["Pinger", "Ping", true],
    ["Pin", "Ping", false],
    ["ping", "Ping", false],
    [" Ping", "Ping", false],
    ["Pinh", "Ping", false],
    ["", "Ping", false],
    ["Ping", "", true],
    ["", "", true],
  ] as const
) {
  Deno.test(`ReceivedFrame.startsWith() is ${expected} for ${JSON.stringify(text)} and ${JSON.stringify(prefix)}`, () => {
    assertEquals(view(text).startsWith(prefix), expected);
  });
}

Deno.test("ReceivedFrame.startsWith() reads nothing behind the payload", () => {
  const frame = view("Ping");
  frame.end -= 1;
  assertEquals(frame.startsWith("Ping"), false);
});
