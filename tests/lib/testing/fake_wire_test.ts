import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConnectionClosedError } from "../../../lib/protocol/errors.ts";
import { openHandler, openWire } from "../../../lib/testing/mod.ts";
import type {
  HandshakeExtras,
  WebSocketHandler,
} from "../../../lib/websocket.ts";
import type { Wire, WireTap } from "../../../lib/wire.ts";

function route(extras: HandshakeExtras): WebSocketHandler {
  return { handshake: () => extras, frame() {} };
}

function taking(takeOver: (wire: Wire) => Promise<void>): WebSocketHandler {
  return route({ takeOver, headers: { "X-Own": "1" } });
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("openWire() gives the handler the head and the 101, and plays the client", async () => {
  const seen: string[] = [];
  const fake = await openWire(
    taking(async (wire) => {
      for (let bytes; (bytes = await wire.read(2)) !== undefined;) {
        seen.push(text(bytes));
      }
      wire.count("received", 3, true);
      await wire.write(bytesOf("bye"));
      await wire.closeWrite();
    }),
    { url: "ws://localhost/a?b" },
  );
  fake.receive("abc");
  fake.endInput();
  assertEquals(text(await fake.output(3)), "bye");
  await fake.finished;
  assertEquals(seen, ["ab", "c"]);
  assertEquals([fake.end, fake.outputEnded, fake.error], [
    "closed",
    true,
    undefined,
  ]);
  assertEquals(fake.traffic.messagesReceived, 1);
  assertStringIncludes(fake.requestHead, "GET /a?b HTTP/1.1\r\n");
  assertStringIncludes(text(fake.response), "x-own: 1\r\n");
});

Deno.test("FakeWire.disconnect() fails reads and writes, and aborts closing with 1006", async () => {
  const fake = await openWire(taking(async (wire) => {
    await assertRejects(() => wire.read(), ConnectionClosedError);
    await wire.write(bytesOf("x"));
  }));
  fake.disconnect();
  await fake.finished;
  assertEquals(fake.closing.reason.code, 1006);
  assertEquals([fake.end, fake.error], ["disconnected", undefined]);
});

Deno.test("FakeWire records a reset, a request to close and the handler's error", async () => {
  const fake = await openWire(taking(async (wire) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wire.closing.addEventListener("abort", () => resolve());
    await promise;
    assertEquals(await wire.reset(), true);
    throw new Error("plan");
  }));
  fake.askToClose(1001, "later");
  await fake.finished;
  assertEquals(fake.closing.reason, { code: 1001, reason: "later" });
  assertEquals([fake.end, String(fake.error)], ["reset", "Error: plan"]);
});

Deno.test("openWire() calls the tap as a listener does", async () => {
  const calls: string[] = [];
  const tap: WireTap = {
    received: (bytes) => calls.push(`received ${bytes.length}`),
    sent: (bytes) => calls.push(`sent ${text(bytes)}`),
    inputEnded: () => calls.push("inputEnded"),
    outputEnded: () => calls.push("outputEnded"),
    ended: (end) => calls.push(`ended ${end}`),
  };
  const fake = await openWire(route({
    tap,
    async takeOver(wire) {
      await wire.read();
      await wire.write(bytesOf("a"));
      await wire.read();
      await wire.closeWrite();
    },
  }));
  fake.receive("xy");
  fake.endInput();
  await fake.finished;
  assertEquals(calls, [
    `received ${fake.requestHead.length}`,
    "received 2",
    "sent a",
    "inputEnded",
    "outputEnded",
    "ended closed",
  ]);
});

Deno.test("openHandler() throws for takeOver, and openWire() without it", async () => {
  const taken = taking(() => Promise.resolve());
  await assertRejects(() => openHandler(taken), TypeError, "openWire");
  await assertRejects(() => openWire(route({})), TypeError);
});
