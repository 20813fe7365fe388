import { assertEquals, assertThrows } from "@std/assert";
import {
  type FaultCode,
  ProtocolError,
} from "../../../lib/client/protocol_error.ts";
import { FrameReader } from "../../../lib/client/frame_reader.ts";
import {
  MessageReader,
  readClose,
} from "../../../lib/client/message_reader.ts";

/** Decodes all messages. */
function read(hex: string) {
  const frames = new FrameReader();
  const messages = new MessageReader();
  frames.push(Uint8Array.fromHex(hex.replaceAll(" ", "")));
  const found = [];
  for (let frame = frames.next(); frame; frame = frames.next()) {
    const message = messages.push(frame);
    if (message) found.push({ ...message, payload: message.payload.toHex() });
  }
  return found;
}

Deno.test("MessageReader assembles fragments around a control frame", () => {
  assertEquals(read("0103 48656c 8901 aa 0000 8002 6c6f 8201 01"), [
    { opcode: "ping", payload: "aa", frames: 1 },
    { opcode: "text", payload: "48656c6c6f", frames: 3 },
    { opcode: "binary", payload: "01", frames: 1 },
  ]);
});

Deno.test("MessageReader accepts a character that is split between fragments", () => {
  assertEquals(read("0101 c3 8001 a4")[0]!.payload, "c3a4");
});

Deno.test("MessageReader accepts an empty CLOSE and a valid one", () => {
  assertEquals(read("8800 8805 03e8 627965").length, 2);
});

const FAULTS: readonly [code: FaultCode, bytes: string][] = [
  ["not UTF-8", "8101 ff"],
  ["not UTF-8", "0101 c3 8001 28"],
  ["not UTF-8", "0101 c3 8000"],
  ["not UTF-8", "8803 03e8 ff"],
  ["close payload of one byte", "8801 03"],
  ["close code that may not be sent", "8802 03ed"],
  ["close code that may not be sent", "8802 0000"],
];

for (const [code, bytes] of FAULTS) {
  Deno.test(`MessageReader throws "${code}" for ${bytes}`, () => {
    const fault = assertThrows(() => read(bytes), ProtocolError);
    assertEquals((fault as ProtocolError).code, code);
  });
}

Deno.test("readClose() decodes valid and invalid codes and reasons", () => {
  const read = (hex: string) => readClose(Uint8Array.fromHex(hex));
  assertEquals(read(""), { code: undefined, reason: "" });
  assertEquals(read("03ed6e6f"), { code: 1005, reason: "no" });
  assertEquals(read("03e8ff"), { code: 1000, reason: "\ufffd" });
});
