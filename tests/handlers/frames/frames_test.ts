import { assertEquals, assertRejects } from "@std/assert";
import { frames } from "../../../handlers/frames/frames.ts";
import {
  HandshakeRefusedError,
  openHandler,
  sent,
} from "../../../lib/testing/mod.ts";

const open = (query: string) =>
  openHandler(frames, { url: `ws://localhost:8000/frames${query}` });

const LAST = { opcode: "continuation" } as const;

Deno.test("frames receives every frame", () => {
  assertEquals(frames.receive, "frame");
});

Deno.test("frames.frame() sends each frame back with its opcode and FIN", async () => {
  const fake = await open("");
  await fake.receive("a", { final: false });
  await fake.receive("b", LAST);
  assertEquals(fake.sent, [
    sent("text", "a", false),
    sent("continuation", "b"),
  ]);
});

Deno.test("frames.frame() sends the report after the last frame of a message", async () => {
  const fake = await open("?report=1");
  await fake.receive("abc", { final: false });
  await fake.receive("d", LAST);
  await fake.receive(new Uint8Array(0));
  assertEquals(fake.sent, [
    sent("text", "abc", false),
    sent("continuation", "d"),
    sent(
      "text",
      '{"frames":[{"opcode":"text","number":1,"final":false,"length":3},' +
        '{"opcode":"continuation","number":0,"final":true,"length":1}]}',
    ),
    sent("binary"),
    sent(
      "text",
      '{"frames":[{"opcode":"binary","number":2,"final":true,"length":0}]}',
    ),
  ]);
});

Deno.test("frames.frame() lists 1000 frames and counts the rest", async () => {
  const fake = await open("?report=1");
  await fake.receive("", { final: false });
  for (let i = 2; i <= 1003; i++) {
    await fake.receive("", { ...LAST, final: i === 1003 });
  }
  const report = JSON.parse(fake.messages.at(-1) as string);
  assertEquals([report.frames.length, report.more], [1000, 3]);
});

for (const value of ["0", "", "yes"]) {
  Deno.test(`frames.handshake() refuses report=${value}`, async () => {
    const { response } = await assertRejects(
      () => open(`?report=${value}`),
      HandshakeRefusedError,
    );
    assertEquals(response.status, 400);
    assertEquals(
      await response.text(),
      "The parameter report must be 1 or left out.\n",
    );
  });
}
