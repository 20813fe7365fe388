import { assertEquals } from "@std/assert";
import { encodeFragments } from "../../../../handlers/script/wire/encode_fragments.ts";
import { FrameReader } from "../../../../lib/client/mod.ts";

for (const length of [0, 1, 2, 125, 126, 127, 300, 70_000]) {
  for (const size of [1, 2, 125, 126, 65_536, 100_000]) {
    Deno.test(`encodeFragments() of ${length} bytes in fragments of ${size} can be read`, () => {
      const payload = Uint8Array.from({ length }, (_, i) => i);
      const reader = new FrameReader();
      reader.push(encodeFragments("binary", payload, size, true));
      const frames = [];
      for (let frame; (frame = reader.next()) !== undefined;) {
        frames.push({ ...frame, payload: frame.payload.slice() });
      }
      assertEquals(frames.length, Math.max(1, Math.ceil(length / size)));
      assertEquals(
        frames.map(({ opcode, final }, i) => [opcode, final, i]),
        frames.map((_, i) => [i === 0 ? 2 : 0, i === frames.length - 1, i]),
      );
      const whole = frames.flatMap(({ payload }) => [...payload]);
      assertEquals(Uint8Array.from(whole), payload);
    });
  }
}

Deno.test("encodeFragments() leaves FIN out of an unfinished message", () => {
  const bytes = encodeFragments("text", Uint8Array.of(0x61, 0x62), 1, false);
  assertEquals(bytes.toHex(), "010161000162");
});
