import { assert, assertEquals } from "@std/assert";
import { echo } from "../../../handlers/echo/echo.ts";
import type { ListenerName } from "../../../lib/websocket.ts";
import { FakeConnection, FakeFrame, sent } from "../../../lib/testing/mod.ts";
import { LogCapture } from "../fakes.ts";

const LISTENERS: readonly ListenerName[] = ["edge", "frame"];

Deno.test("echo supports the subprotocols echo and chat, in this order", () => {
  assertEquals(echo.subprotocols, ["echo", "chat"]);
});

Deno.test("echo receives whole messages and no control frames", () => {
  assertEquals(echo.controlFrames ?? false, false);
  assertEquals(echo.receive ?? "message", "message");
});

for (const listener of LISTENERS) {
  for (
    const [opcode, payload] of [
      ["text", ""],
      ["text", "hello"],
      ["text", "ä€😀"],
      ["text", "trigger async"],
      ["text", " Ping"],
      ["text", "a Trigger async"],
      ["text", "ping"],
      ["binary", ""],
      ["binary", "\0\x01\xff"],
      ["binary", "Ping"],
      ["binary", "Trigger async"],
    ] as const
  ) {
    Deno.test(`echo.frame() sends ${opcode} ${JSON.stringify(payload)} back at once, on ${listener}`, () => {
      const connection = new FakeConnection({ listener });
      echo.frame(connection, new FakeFrame(opcode, payload));
      assertEquals(connection.sent, [sent(opcode, payload)]);
    });
  }

  for (const text of ["Trigger async", "Trigger async, please"]) {
    Deno.test(`echo.frame() answers "${text}" by the work queue, on ${listener}`, async () => {
      const connection = new FakeConnection({ listener });
      echo.frame(connection, new FakeFrame("text", text));
      assertEquals(connection.sent, []);
      await connection.runWork();
      assertEquals(connection.sent, [sent("text", "Async data")]);
    });
  }
}

for (const text of ["Ping", "Ping me"]) {
  Deno.test(`echo.frame() answers "${text}" with a PING by the work queue`, async () => {
    const connection = new FakeConnection();
    echo.frame(connection, new FakeFrame("text", text));
    assertEquals(connection.sent, []);
    await connection.runWork();
    assertEquals(connection.sent, [sent("ping", "")]);
  });

  Deno.test(`echo.frame() sends "${text}" back when the listener cannot send PING`, async () => {
    const connection = new FakeConnection({ listener: "edge" });
    echo.frame(connection, new FakeFrame("text", text));
    await connection.runWork();
    assertEquals(connection.sent, [sent("text", text)]);
  });
}

Deno.test("echo.frame() returns no promise", () => {
  const connection = new FakeConnection({ listener: "edge" });
  for (const text of ["hello", "Trigger async"]) {
    assertEquals(
      echo.frame(connection, new FakeFrame("text", text)),
      undefined,
    );
  }
});

Deno.test("echo.frame() logs length, message and opcode of a text as DEBUG", () => {
  using log = new LogCapture("DEBUG");
  echo.frame(
    new FakeConnection({ listener: "edge" }),
    new FakeFrame("text", "ä\n\x1b[1m"),
  );
  assertEquals(log.lines, [
    "DEBUG ws_echo_server: Frame len is 7",
    "DEBUG ws_echo_server: Got packet with message: ä\\n\\u001b[1m",
    "DEBUG ws_echo_server: Packet type: 1",
  ]);
});

Deno.test("echo.frame() logs length, message and opcode of bytes as DEBUG", () => {
  using log = new LogCapture("DEBUG");
  const bytes = new Uint8Array([0x61, 0x62, 0x63, 0x00, 0xff]);
  echo.frame(
    new FakeConnection({ listener: "edge" }),
    new FakeFrame("binary", bytes),
  );
  assertEquals(log.lines, [
    "DEBUG ws_echo_server: Frame len is 5",
    "DEBUG ws_echo_server: Got packet with message: abc\\u0000\ufffd",
    "DEBUG ws_echo_server: Packet type: 2",
  ]);
});

Deno.test("echo.frame() neither logs nor decodes when DEBUG is off", () => {
  using log = new LogCapture("INFO");
  let decoded = false;
  const frame = Object.assign(new FakeFrame("text", "hello"), {
    text: () => {
      decoded = true;
      return "hello";
    },
    startsWith: () => false,
  });
  echo.frame(new FakeConnection({ listener: "edge" }), frame);
  assertEquals(log.lines, []);
  assert(!decoded);
});
