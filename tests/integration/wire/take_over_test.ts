import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ResettableTcp } from "../../../lib/client/resettable_tcp.ts";
import { LocalAddressSlots } from "../../../lib/limits/address/address_slots.ts";
import { AddressLimiter } from "../../../lib/limits/address/address_limiter.ts";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { ConnectionClosedError } from "../../../lib/protocol/errors.ts";
import { LocalSessions } from "../../../lib/sessions/local_sessions.ts";
import type { Wire, WireClosing } from "../../../lib/wire.ts";
import { testWith } from "../../permissions.ts";
import { serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { NEEDS } from "../support/suite.ts";
import { eventually, within } from "../support/within.ts";
import { handshake } from "../support/wire.ts";
import { ascii, dial, latin1, serveWire } from "./serve.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Reads to the client's FIN. */
async function readAll(wire: Wire): Promise<string> {
  let text = "";
  for (let bytes; (bytes = await wire.read()) !== undefined;) {
    text += latin1(bytes);
  }
  return text;
}

testWith(
  NEEDS,
  "takeOver gets the head, the 101 and the bytes after the head, and nothing is sent before its first write",
  async () => {
    const seen = Promise.withResolvers<{ wire: Wire; text: string }>();
    await using running = serveWire(async (wire) => {
      seen.resolve({ wire, text: await readAll(wire) });
      await wire.write(ascii("HTTP/1.1 418 no\r\n\r\n"));
    });
    using client = await dial(running, "first");
    await client.write(" later");
    await client.conn.closeWrite();
    const { wire, text } = await seen.promise;
    assertEquals(text, "first later");
    assertEquals(wire.requestHead, handshake("/"));
    assertStringIncludes(latin1(wire.response), "101 Switching Protocols");
    assertEquals(latin1(await client.end()), "HTTP/1.1 418 no\r\n\r\n");
  },
);

testWith(NEEDS, "a read gets at most the bytes that it asks for", async () => {
  const got: string[] = [];
  await using running = serveWire(async (wire) => {
    for (let bytes; (bytes = await wire.read(3)) !== undefined;) {
      got.push(latin1(bytes));
    }
  });
  using client = await dial(running, "abcdefgh");
  await client.conn.closeWrite();
  await client.end();
  assertEquals(got.join(""), "abcdefgh");
  assert(got.every((text) => text.length <= 3));
});

testWith(
  NEEDS,
  "writes that are not awaited arrive in order, and FIN after them",
  async () => {
    const megabyte = new Uint8Array(2 ** 20).fill(0x61);
    await using running = serveWire((wire) => {
      wire.write(ascii("first"));
      wire.write(megabyte);
      wire.write(new Uint8Array(0));
      wire.write(ascii("last"));
      return Promise.resolve();
    });
    using client = await dial(running);
    const bytes = await client.end();
    assertEquals(bytes.length, 5 + 2 ** 20 + 4);
    assertEquals(latin1(bytes.subarray(0, 6)), "firsta");
    assertEquals(latin1(bytes.subarray(-5)), "alast");
  },
);

testWith(
  NEEDS,
  "closeWrite sends FIN, and the client can still be read from",
  async () => {
    const text = Promise.withResolvers<string>();
    await using running = serveWire(async (wire) => {
      await wire.write(ascii("bye"));
      await wire.closeWrite();
      await assertRejects(() => wire.write(ascii("x")), ConnectionClosedError);
      text.resolve(await readAll(wire));
    });
    using client = await dial(running);
    assertEquals(latin1(await client.end()), "bye");
    await client.write("more");
    await client.conn.closeWrite();
    assertEquals(await within(text.promise, "the client's bytes"), "more");
  },
);

testWith(
  NEEDS,
  "close destroys nothing that was sent, when the client's input is not read",
  async () => {
    const sent = new Uint8Array(2 ** 20).fill(0x62);
    await using running = serveWire(async (wire) => {
      await wire.read();
      await wire.write(sent);
      wire.close();
      await assertRejects(() => wire.read(), ConnectionClosedError);
      assert(wire.isClosed);
    });
    using client = await dial(running);
    await client.write(new Uint8Array(200_000));
    const bytes = await client.end();
    assertEquals(bytes.length, sent.length);
  },
);

testWith(
  NEEDS,
  "a client's reset fails the read and aborts closing with 1006",
  async () => {
    const ended = Promise.withResolvers<WireClosing>();
    await using running = serveWire(async (wire) => {
      await wire.write(ascii("open"));
      await assertRejects(() => wire.read(), ConnectionClosedError);
      await assertRejects(() => wire.write(ascii("x")), ConnectionClosedError);
      ended.resolve(wire.closing.reason);
    });
    const { hostname, port } = running.address.frame;
    const client = await ResettableTcp.connect(hostname, port);
    await client.write(ascii(handshake("/")));
    await client.read(new Uint8Array(4));
    client.reset();
    await client.closed;
    assertEquals((await within(ended.promise, "the end")).code, 1006);
    await eventually(() => running.service.sessions.size === 0, "the end");
  },
);

testWith(
  NEEDS,
  "a handler that throws is logged, and the client gets FIN",
  async () => {
    await using running = serveWire(() => Promise.reject(new Error("plan")));
    using client = await dial(running);
    assertEquals((await client.end()).length, 0);
  },
);

testWith(
  NEEDS,
  "200 taken-over connections leave no session, address slot, memory or handler",
  async () => {
    const memory = serviceOf().memory;
    const slots = new LocalAddressSlots(250);
    const addressLimiter = new AddressLimiter({ slots, trustedProxies: 0 });
    let running = 0;
    await using server = serveWire(async (wire) => {
      running++;
      wire.charge(100_000);
      await wire.write(ascii("hello"));
      await readAll(wire);
      running--;
    }, { memory, addressLimiter });
    const before = memory.total;
    for (let round = 0; round < 2; round++) {
      const clients = await Promise.all(
        Array.from({ length: 200 }, () => dial(server, "x".repeat(500))),
      );
      await eventually(() => running === 200, "200 handlers");
      assertEquals(server.service.sessions.size, 200);
      assert(memory.total >= before + 200 * 100_000);
      await Promise.all(clients.map((client) => client.conn.closeWrite()));
      for (const client of clients) {
        assertEquals(latin1(await client.end()), "hello");
        client[Symbol.dispose]();
      }
      await eventually(() => server.service.sessions.size === 0, "the end");
      assertEquals([running, memory.total, slots.size], [0, before, 0]);
    }
  },
);

testWith(
  NEEDS,
  "a shutdown aborts closing with 1001, and closes the socket of a handler that stays",
  async () => {
    const closing = Promise.withResolvers<WireClosing>();
    const never = Promise.withResolvers<void>();
    const limits = { ...serviceOf().limits, closeTimeout: 100 };
    const running = serveWire(async (wire) => {
      wire.closing.addEventListener(
        "abort",
        () => closing.resolve(wire.closing.reason),
      );
      await wire.write(ascii("open"));
      await never.promise;
    }, { limits });
    using client = await dial(running);
    await eventually(() => running.service.sessions.size === 1, "the session");
    running.service.draining = true;
    running.service.sessions.closeAll(1001, "shutdown");
    assertEquals(await closing.promise, { code: 1001, reason: "shutdown" });
    assertEquals(latin1(await client.end()), "open");
    await within(
      Promise.resolve(running[Symbol.asyncDispose]()),
      "the shutdown",
    );
    assertEquals(running.service.sessions.size, 0);
    never.resolve();
  },
);

testWith(
  NEEDS,
  "the admin API lists a taken-over connection, closes it, and does not send to it",
  async () => {
    const closed = Promise.withResolvers<WireClosing>();
    await using running = serveWire(async (wire) => {
      wire.count("received", 10, true);
      wire.count("sent", 3, false);
      const { promise, resolve } = Promise.withResolvers<void>();
      wire.closing.addEventListener("abort", () => resolve());
      await promise;
      closed.resolve(wire.closing.reason);
      await wire.write(ascii("closing"));
    });
    using client = await dial(running);
    const { sessions } = running.service;
    const admin = new LocalSessions(sessions, 2 ** 20);
    await eventually(() => sessions.size === 1, "the session");
    const [info] = (await admin.list()).sessions;
    assertEquals(info!.route, "/");
    assertEquals([info!.received, info!.sent], [
      { messages: 1, bytes: 10 },
      { messages: 0, bytes: 3 },
    ]);
    assertEquals(await admin.send(info!.id, "hello"), "taken-over");
    assertEquals((await admin.sendAll("hello")).missed, 1);
    assertEquals(await admin.close(info!.id, 4000, "enough"), "closing");
    assertEquals(await admin.close(info!.id, 4000, "enough"), "gone");
    assertEquals(await closed.promise, { code: 4000, reason: "enough" });
    assertEquals(latin1(await client.end()), "closing");
  },
);

testWith(
  NEEDS,
  "SEND_TIMEOUT asks the handler to end with 1008, and closes a socket that stays full",
  async () => {
    const closing = Promise.withResolvers<WireClosing>();
    const limits = {
      ...serviceOf().limits,
      sendTimeout: 200,
      closeTimeout: 200,
    };
    await using running = serveWire(async (wire) => {
      wire.closing.addEventListener(
        "abort",
        () => closing.resolve(wire.closing.reason),
      );
      const block = new Uint8Array(2 ** 20);
      for (;;) {
        await wire.write(block);
      }
    }, { limits });
    using _peer = await dial(running);
    const { code } = await within(closing.promise, "the close");
    assertEquals(code, 1008);
    await eventually(() => running.service.sessions.size === 0, "the end");
  },
);

testWith(
  NEEDS,
  "a handler that holds too much memory is asked to end with 1013, and closed after its bytes",
  async () => {
    const closing = Promise.withResolvers<WireClosing>();
    const never = Promise.withResolvers<void>();
    const memory = new MemoryAccount(8 * 2 ** 20);
    const limits = { ...serviceOf().limits, closeTimeout: 3_600_000 };
    await using running = serveWire(async (wire) => {
      wire.closing.addEventListener("abort", () => {
        wire.write(new TextEncoder().encode("bye"));
        closing.resolve(wire.closing.reason);
      });
      wire.charge(7 * 2 ** 20);
      await never.promise;
    }, { memory, limits });
    using client = await dial(running);
    assertEquals((await within(closing.promise, "the close")).code, 1013);
    await eventually(() => memory.total === 0, "the memory");
    assertEquals(new TextDecoder().decode(await client.end()), "bye");
    await eventually(() => running.service.sessions.size === 0, "the end");
    never.resolve();
  },
);

testWith(
  NEEDS,
  "a write of a large block is charged until it is written",
  async () => {
    const { memory } = serviceOf();
    const before = memory.total;
    await using running = serveWire(async (wire) => {
      await wire.write(new Uint8Array(16 * 2 ** 20));
    }, { memory });
    using client = await dial(running);
    await eventually(
      () => memory.total > before + 2 ** 20,
      "the charge",
    );
    assertEquals((await client.end()).length, 16 * 2 ** 20);
    client[Symbol.dispose]();
    await eventually(() => memory.total === before, "the memory");
  },
);

testWith(NEEDS, "the edge listener refuses takeOver with 500", async () => {
  await using running = serveWire(() => Promise.resolve());
  using client = await RawClient.connect(running.address.edge, handshake("/"));
  assertEquals((await client.response()).status, 500);
  assertEquals(running.service.sessions.size, 0);
});
