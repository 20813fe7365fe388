import { assertEquals } from "@std/assert";
import { frames, type FramesState } from "../../../handlers/frames/frames.ts";
import { FakeConnection, FakeFrame, sent } from "../../../lib/testing/mod.ts";
import { HANDSHAKE_INFO } from "../fakes.ts";

async function handshake(query: string): Promise<unknown> {
  const request = new Request(`http://localhost:8000/frames${query}`);
  return await frames.handshake!(request, HANDSHAKE_INFO);
}

async function connected(
  query: string,
): Promise<FakeConnection<FramesState>> {
  const extras = await handshake(query) as { state?: FramesState };
  return new FakeConnection({ state: extras.state });
}

Deno.test("frames receives every frame", () => {
  assertEquals(frames.receive, "frame");
});

Deno.test("frames.frame() sends each frame back with its opcode and FIN", async () => {
  const connection = await connected("");
  frames.frame(connection, new FakeFrame("text", "a", { final: false }));
  frames.frame(connection, new FakeFrame("continuation", "b"));
  assertEquals(connection.sent, [
    sent("text", "a", false),
    sent("continuation", "b"),
  ]);
});

Deno.test("frames.frame() sends the report after the last frame of a message", async () => {
  const connection = await connected("?report=1");
  frames.frame(connection, new FakeFrame("text", "abc", { final: false }));
  frames.frame(connection, new FakeFrame("continuation", "d"));
  frames.frame(connection, new FakeFrame("binary", ""));
  assertEquals(connection.sent, [
    sent("text", "abc", false),
    sent("continuation", "d"),
    sent(
      "text",
      '{"frames":[{"opcode":"text","number":1,"final":false,"length":3},' +
        '{"opcode":"continuation","number":0,"final":true,"length":1}]}',
    ),
    sent("binary", ""),
    sent(
      "text",
      '{"frames":[{"opcode":"binary","number":2,"final":true,"length":0}]}',
    ),
  ]);
});

Deno.test("frames.frame() lists 1000 frames and counts the rest", async () => {
  const connection = await connected("?report=1");
  for (let i = 1; i <= 1003; i++) {
    const opcode = i === 1 ? "text" : "continuation";
    frames.frame(connection, new FakeFrame(opcode, "", { final: i === 1003 }));
  }
  const report = JSON.parse(connection.messages.at(-1) as string);
  assertEquals([report.frames.length, report.more], [1000, 3]);
});

for (const value of ["0", "", "yes"]) {
  Deno.test(`frames.handshake() refuses report=${value}`, async () => {
    const response = await handshake(`?report=${value}`) as Response;
    assertEquals(response.status, 400);
    assertEquals(
      await response.text(),
      "The parameter report must be 1 or left out.\n",
    );
  });
}
