import { assertEquals, assertStringIncludes } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import { ResettableTcp } from "../../../lib/client/resettable_tcp.ts";
import { encodeFrame } from "../../../lib/client/mod.ts";
import { listenFrames } from "../../../lib/frame/listener.ts";
import { readIdentity } from "../../../lib/tls/identity.ts";
import { Router } from "../../../lib/routing/router.ts";
import { testWith } from "../../permissions.ts";
import { serviceOf } from "../../service.ts";
import { makeChain } from "../support/chain.ts";
import { RawClient } from "../support/raw.ts";
import { NEEDS } from "../support/suite.ts";
import { TLS_NEEDS } from "../support/tls_server.ts";
import { within } from "../support/within.ts";
import { closeFrame, frame, handshake, OPCODE } from "../support/wire.ts";
import { ascii, dial, latin1, RecordingTap, serveExtras } from "./serve.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

testWith(
  NEEDS,
  "a tap gets every byte of an ordinary connection, once and in order",
  async () => {
    const tap = new RecordingTap();
    await using running = serveExtras(() => ({ tap, compression: false }));
    const rest = frame(OPCODE.text, "second");
    using client = await dial(running);
    await client.write(rest);
    const { status } = await client.response();
    assertEquals(status, 101);
    assertEquals(await client.text(), "second");
    const large = new Uint8Array(300_000).fill(0x7a);
    await client.write(frame(OPCODE.binary, large));
    assertEquals((await client.frame()).payload.length, large.length);
    await client.write(closeFrame(1000));
    assertEquals(await client.closeCode(), 1000);
    await client.conn.closeWrite();
    await within(tap.done, "the end");
    const received = [
      ascii(handshake("/")),
      rest,
      frame(OPCODE.binary, large),
      closeFrame(1000),
    ];
    assertEquals(tap.bytes("received"), received.map(latin1).join(""));
    const sent = tap.bytes("sent");
    assertStringIncludes(sent, "HTTP/1.1 101 ");
    const output = sent.slice(sent.indexOf("\r\n\r\n") + 4);
    const echo = encodeFrame(OPCODE.binary, large, { mask: "none" });
    assertEquals(
      output,
      `\x81\x06second${latin1(echo)}\x88\x02\x03\xe8`,
    );
    assertEquals(tap.calls[0], ["received", handshake("/")]);
    assertEquals(tap.order.slice(-3).sort(), [
      "ended",
      "inputEnded",
      "outputEnded",
    ]);
    assertEquals(tap.calls.at(-1), ["ended", "closed"]);
  },
);

testWith(
  NEEDS,
  "a tap gets the bytes after the head in a call of their own",
  async () => {
    const tap = new RecordingTap();
    await using running = serveExtras(() => ({ tap }));
    const rest = latin1(frame(OPCODE.text, "a"));
    using client = await RawClient.connect(running.address.frame);
    const head = ascii(handshake("/"));
    const all = new Uint8Array(head.length + rest.length);
    all.set(head);
    all.set(frame(OPCODE.text, "a"), head.length);
    await client.write(all);
    await client.response();
    assertEquals(await client.text(), "a");
    assertEquals(tap.calls.slice(0, 2), [
      ["received", handshake("/")],
      ["received", rest],
    ]);
    await client.conn.closeWrite();
    await within(tap.done, "the end");
  },
);

testWith(
  NEEDS,
  "a tap of a taken-over connection gets its bytes, FINs and end",
  async () => {
    const tap = new RecordingTap();
    await using running = serveExtras(() => ({
      tap,
      async takeOver(wire) {
        await wire.write(ascii("hello"));
        await wire.closeWrite();
        while (await wire.read() !== undefined);
      },
    }));
    using client = await dial(running, "x");
    assertEquals(latin1(await client.end()), "hello");
    await client.write("yz");
    await client.conn.closeWrite();
    await within(tap.done, "the end");
    assertEquals(tap.bytes("received"), `${handshake("/")}xyz`);
    assertEquals(tap.order, [
      "received",
      "sent",
      "outputEnded",
      "received",
      "inputEnded",
      "ended",
    ]);
  },
);

testWith(
  NEEDS,
  "a tap is told that the connection has failed when the client resets it",
  async () => {
    const tap = new RecordingTap();
    await using running = serveExtras(() => ({ tap }));
    const { hostname, port } = running.address.frame;
    const client = await ResettableTcp.connect(hostname, port);
    await client.write(ascii(handshake("/")));
    await client.read(new Uint8Array(4));
    client.reset();
    await client.closed;
    await within(tap.done, "the end");
    assertEquals(tap.calls.at(-1), ["ended", "failed"]);
  },
);

testWith(
  NEEDS,
  "an error of a tap ends the recording, and the connection continues",
  async () => {
    let calls = 0;
    const tap = new RecordingTap();
    tap.received = () => {
      if (++calls === 2) throw new Error("no disk");
    };
    await using running = serveExtras(() => ({ tap }));
    using client = await dial(running);
    await client.response();
    for (const text of ["a", "b"]) {
      await client.write(frame(OPCODE.text, text));
      assertEquals(await client.text(), text);
    }
    assertEquals(calls, 2);
  },
);

testWith(NEEDS, "the edge listener refuses a tap with 500", async () => {
  const tap = new RecordingTap();
  await using running = serveExtras(() => ({ tap }));
  using client = await RawClient.connect(running.address.edge, handshake("/"));
  assertEquals((await client.response()).status, 500);
  assertEquals([tap.calls, running.service.sessions.size], [[], 0]);
});

testWith(
  TLS_NEEDS,
  "a tap and takeOver get the bytes inside TLS, and a reset closes the socket",
  async () => {
    const tap = new RecordingTap();
    const reset = Promise.withResolvers<boolean>();
    await using chain = await makeChain();
    const identity = readIdentity(chain);
    const service = serviceOf({
      router: new Router({
        "/": {
          handshake: () => ({
            tap,
            async takeOver(wire) {
              const bytes = await wire.read();
              await wire.write(bytes!);
              reset.resolve(await wire.reset());
            },
          }),
          frame() {},
        },
      }),
    });
    const listener = listenFrames(service, {
      hostname: "127.0.0.1",
      port: 0,
      edgePort: 0,
      identity,
    });
    const conn = await Deno.connectTls({
      hostname: "localhost",
      port: listener.addr.port,
      caCerts: [chain.root],
    });
    await conn.write(ascii(handshake("/")));
    await conn.write(ascii("secret"));
    const buffer = new Uint8Array(100);
    const count = await conn.read(buffer);
    assertEquals(latin1(buffer.subarray(0, count!)), "secret");
    assertEquals(await within(reset.promise, "the reset"), false);
    assertEquals(await conn.read(buffer), null);
    conn.close();
    await within(tap.done, "the end");
    assertEquals(tap.bytes("received"), `${handshake("/")}secret`);
    assertEquals(tap.bytes("sent"), "secret");
    await listener.shutdown();
  },
);
