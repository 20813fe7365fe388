import { assertEquals } from "@std/assert";
import {
  describeFrame,
  readReport,
} from "../../../../../handlers/console/page/timeline/frame_report.js";

const FRAME = { opcode: "pong", number: 10, final: true, length: 1 };

Deno.test("readReport() parses one frame, or a list", () => {
  assertEquals(readReport(JSON.stringify(FRAME)), [FRAME]);
  assertEquals(readReport(JSON.stringify({ frames: [FRAME, FRAME] })), [
    FRAME,
    FRAME,
  ]);
});

for (
  const data of [
    "",
    "{",
    "{}",
    "[]",
    "null",
    '{"frames":1}',
    '{"frames":[1]}',
    '{"opcode":"text"}',
    Uint8Array.of(0x7b),
  ]
) {
  Deno.test(`readReport() is undefined for ${data}`, () => {
    assertEquals(readReport(data), undefined);
  });
}

Deno.test("describeFrame() has FIN, opcode and length", () => {
  assertEquals(describeFrame(FRAME), "FIN · 0xa pong · 1 byte");
  assertEquals(
    describeFrame({ ...FRAME, final: false, length: 2 }),
    "no FIN · 0xa pong · 2 bytes",
  );
});
