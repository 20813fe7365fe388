import { assertEquals } from "@std/assert";
import { control } from "../../handlers/control.ts";
import {
  FakeConnection,
  FakeFrame,
  openHandler,
  sent,
  sentClose,
} from "../../lib/testing/mod.ts";
import { LogCapture } from "./fakes.ts";

Deno.test("control receives control frames", () => {
  assertEquals(control.controlFrames, true);
});

Deno.test("control.frame() reports a PING, then answers with its payload", async () => {
  const fake = await openHandler(control);
  await fake.ping("abc");
  assertEquals(fake.sent, [
    sent(
      "text",
      '{"opcode":"ping","number":9,"final":true,"length":3,"payload":"616263"}',
    ),
    sent("pong", "abc"),
  ]);
});

Deno.test("control.frame() answers an empty PING with an empty PONG", async () => {
  const fake = await openHandler(control);
  await fake.ping();
  assertEquals(fake.sent[1], sent("pong"));
});

Deno.test("control.frame() reports a PONG and does not answer it", async () => {
  const fake = await openHandler(control);
  await fake.pong(Uint8Array.of(0, 255));
  assertEquals(fake.sent, [
    sent(
      "text",
      '{"opcode":"pong","number":10,"final":true,"length":2,"payload":"00ff"}',
    ),
  ]);
});

Deno.test("control.frame() reports a CLOSE, then answers with the same", async () => {
  const fake = await openHandler(control);
  await fake.close(1000, "bye");
  assertEquals(fake.sent, [
    sent(
      "text",
      '{"opcode":"close","number":8,"final":true,"length":5,"payload":"03e8627965"}',
    ),
    sentClose(1000, "bye"),
  ]);
  assertEquals(fake.closed, { code: 1000, reason: "bye", wasClean: true });
});

Deno.test("control.frame() answers an empty CLOSE with an empty one", async () => {
  const fake = await openHandler(control);
  await fake.close();
  assertEquals(fake.sent[1], sentClose());
});

Deno.test("control.frame() answers a text that begins with Ping with a PING", () => {
  const connection = new FakeConnection();
  control.frame(connection, new FakeFrame("text", "Ping, please"));
  assertEquals(connection.sent, [sent("ping", "")]);
});

Deno.test("control.frame() echoes Ping on the edge, which cannot send PING", () => {
  const connection = new FakeConnection({ listener: "edge" });
  control.frame(connection, new FakeFrame("text", "Ping"));
  assertEquals(connection.sent, [sent("text", "Ping")]);
});

for (
  const [opcode, payload] of [
    ["text", "hello"],
    ["binary", "\0\x01"],
  ] as const
) {
  Deno.test(`control.frame() sends ${opcode} back`, () => {
    const connection = new FakeConnection();
    control.frame(connection, new FakeFrame(opcode, payload));
    assertEquals(connection.sent, [sent(opcode, payload)]);
  });
}

for (
  const [opcode, number] of [
    ["text", 1],
    ["binary", 2],
    ["close", 8],
    ["ping", 9],
    ["pong", 10],
  ] as const
) {
  Deno.test(`control.frame() logs ${opcode} as packet type ${number} at DEBUG`, () => {
    using log = new LogCapture("DEBUG");
    const connection = new FakeConnection();
    control.frame(connection, new FakeFrame(opcode, ""));
    assertEquals(
      log.lines.at(-1),
      `DEBUG ws_echo_server: Packet type: ${number}`,
    );
  });
}

Deno.test("control.frame() logs the answer to a PING as DEBUG", () => {
  using log = new LogCapture("DEBUG");
  control.frame(new FakeConnection(), new FakeFrame("ping", "abc"));
  assertEquals(log.lines, [
    "DEBUG ws_echo_server: Got a WS PING frame, Replying PONG",
    "DEBUG ws_echo_server: Frame len is 3",
    "DEBUG ws_echo_server: Got packet with message: abc",
    "DEBUG ws_echo_server: Packet type: 9",
  ]);
});

Deno.test("control.frame() logs nothing when DEBUG is off", () => {
  using log = new LogCapture("INFO");
  control.frame(new FakeConnection(), new FakeFrame("ping", "abc"));
  assertEquals(log.lines, []);
});
