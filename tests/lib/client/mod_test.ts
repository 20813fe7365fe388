import { assert, assertEquals, assertRejects } from "@std/assert";
import { frames } from "../../../handlers/frames/frames.ts";
import {
  connect,
  connectUnchecked,
  DialError,
  EndedError,
  NoResponseError,
  NotResettableError,
  ProtocolError,
  readClose,
  RefusedError,
  TimeoutError,
} from "../../../lib/client/mod.ts";
import { Router } from "../../../lib/routing/router.ts";
import type {
  CloseEventInfo,
  WebSocketHandler,
} from "../../../lib/websocket.ts";
import { repeated, within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { rawServer } from "./raw_server.ts";

const NET = { net: true } as const;

/** Both listeners with an echo, and the ends of its connections. */
class EchoServer implements AsyncDisposable {
  readonly closed = Promise.withResolvers<CloseEventInfo>();
  readonly #listeners = listenBoth(serviceOf({
    router: new Router({
      "/echo": {
        subprotocols: ["chat"],
        frame: (connection, frame) => connection.send(frame),
        close: (_, event) => this.closed.resolve(event),
      } satisfies WebSocketHandler,
      "/frames": frames,
    }),
  }));

  url(path: string, listener: "edge" | "frame" = "frame"): string {
    return `ws://127.0.0.1:${this.#listeners.address[listener].port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listeners[Symbol.asyncDispose]();
  }
}

for (const listener of ["edge", "frame"] as const) {
  testWith(
    NET,
    `connect() sends and reads messages on the ${listener} listener`,
    async () => {
      await using server = new EchoServer();
      await using connection = await connect(server.url("/echo", listener));
      await connection.send("text", "grüß dich");
      const text = await connection.nextMessage();
      assertEquals([text.opcode, text.text()], ["text", "grüß dich"]);
      await connection.send("binary", Uint8Array.of(1, 2));
      const binary = await connection.nextMessage();
      assertEquals([binary.opcode, [...binary.payload]], ["binary", [1, 2]]);
      assertEquals(connection.faults, []);
    },
  );

  testWith(
    NET,
    `close() performs the closing handshake on the ${listener} listener`,
    async () => {
      await using server = new EchoServer();
      await using connection = await connect(server.url("/echo", listener));
      await connection.send("text", "ignored");
      assertEquals(await connection.close(3000, "bye"), {
        code: 3000,
        reason: "bye",
      });
      assertEquals(connection.ending, "end");
      assertEquals(await within(server.closed.promise, "the close event"), {
        code: 3000,
        reason: "bye",
        wasClean: true,
      });
    },
  );
}

testWith(
  NET,
  "nextFrame() returns frames with payloads of their own",
  async () => {
    await using server = new EchoServer();
    await using connection = await connect(server.url("/frames"));
    await connection.send("text", "Hel", { final: false });
    await connection.send("continuation", "lo");
    const [first, second] = [
      await connection.nextFrame(),
      await connection.nextFrame(),
    ];
    const text = new TextDecoder();
    assertEquals(
      [first, second].map(({ opcode, final, payload }) => [
        opcode,
        final,
        text.decode(payload),
      ]),
      [[1, false, "Hel"], [0, true, "lo"]],
    );
  },
);

testWith(
  NET,
  "a connection iterates over its messages, and then its frames",
  async () => {
    await using server = new EchoServer();
    await using connection = await connect(server.url("/echo"));
    for (const text of ["a", "b", "c"]) await connection.send("text", text);
    const texts: string[] = [];
    for await (const message of connection) {
      texts.push(message.text());
      if (texts.length === 2) break;
    }
    assertEquals(texts, ["a", "b"]);
    await connection.sendClose(1000);
    const opcodes: number[] = [];
    for await (const { opcode } of connection.frames()) opcodes.push(opcode);
    assertEquals(opcodes, [1, 8]);
  },
);

testWith(NET, "connect() exposes the bytes of the handshake", async () => {
  await using server = new EchoServer();
  await using connection = await connect(server.url("/echo?x=1"), {
    subprotocols: ["chat"],
    headers: [["Origin", "http://a.example"]],
  });
  const { requestBytes, responseBytes } = connection.handshake;
  const text = new TextDecoder();
  const request = text.decode(requestBytes);
  assert(request.startsWith("GET /echo?x=1 HTTP/1.1\r\n"), request);
  assert(request.includes("\r\nOrigin: http://a.example\r\n"), request);
  const response = text.decode(responseBytes);
  assert(response.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), response);
  assert(response.endsWith("\r\n\r\n"), response);
  assertEquals(connection.protocol, "chat");
});

testWith(
  NET,
  "connect() throws RefusedError, and connectUnchecked() shows the refusal",
  async () => {
    await using server = new EchoServer();
    const url = server.url("/nothing");
    const error = await assertRejects(() => connect(url), RefusedError);
    assertEquals((error as RefusedError).handshake.response.status, 404);
    await using connection = await connectUnchecked(url);
    assertEquals(connection.handshake.response.status, 404);
    assertEquals(connection.faults.map(({ section }) => section), ["4.1"]);
    const body = new TextDecoder().decode(await connection.body());
    assert(body.startsWith("There is nothing at this path"), body);
  },
);

testWith(
  NET,
  "rawRequest replaces the request, and may have frames after it",
  async () => {
    await using server = new EchoServer();
    const head = "GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "sec-websocket-key:  dGhlIHNhbXBsZSBub25jZQ== \r\n\r\n";
    const frame = "\x81\x82\0\0\0\0Hi";
    await using connection = await connect(server.url("/echo"), {
      rawRequest: head + frame,
    });
    assertEquals((await connection.nextMessage()).text(), "Hi");
    await using refused = await connectUnchecked(server.url("/echo"), {
      rawRequest: head.replace("13", "12"),
    });
    assertEquals(refused.handshake.response.status, 426);
  },
);

testWith(
  NET,
  "write() sends any bytes, and the server's CLOSE is read",
  async () => {
    await using server = new EchoServer();
    await using connection = await connect(server.url("/echo"));
    await connection.write(Uint8Array.fromHex("8100"));
    const { opcode, payload } = await connection.nextMessage();
    assertEquals([opcode, readClose(payload)], ["close", {
      code: 1002,
      reason: "frame is not masked",
    }]);
    const error = await assertRejects(() => connection.nextFrame(), EndedError);
    assertEquals((error as EndedError).ending, "end");
  },
);

testWith(
  NET,
  "closeWrite() ends the output; the server ends the connection",
  async () => {
    await using server = new EchoServer();
    await using connection = await connect(server.url("/echo"));
    await connection.send("text", "last");
    await connection.closeWrite();
    assertEquals((await connection.nextMessage()).text(), "last");
    assertEquals(await connection.frame(), undefined);
    assertEquals(connection.ending, "end");
    const { code } = await within(server.closed.promise, "the close event");
    assertEquals(code, 1006);
  },
);

testWith(NET, "reset() sends RST", async () => {
  const ended = Promise.withResolvers<string>();
  await using server = rawServer(async (conn) => {
    const buffer = new Uint8Array(64);
    try {
      while (await conn.read(buffer) !== null);
      ended.resolve("end");
    } catch (error) {
      ended.resolve((error as Error).name);
    }
  });
  const connection = await connect(server.url);
  await connection.reset();
  await connection.reset();
  await within(connection.closeWrite(), "a call without effect");
  assertEquals(await within(ended.promise, "the reset"), "ConnectionReset");
  assert(connection.isEnded);
});

testWith(
  NET,
  "reset() throws NotResettableError without the option",
  async () => {
    await using server = new EchoServer();
    await using connection = await connect(server.url("/echo"), {
      resettable: false,
    });
    await assertRejects(() => connection.reset(), NotResettableError);
  },
);

for (const resettable of [true, false]) {
  const name = resettable ? "with" : "without";

  testWith(
    NET,
    `a read ${name} resettable continues after a TimeoutError`,
    async () => {
      const go = Promise.withResolvers<void>();
      await using server = rawServer(async (conn) => {
        await conn.write(Uint8Array.fromHex("810548656c"));
        await go.promise;
        await conn.write(Uint8Array.fromHex("6c6f"));
      });
      await using connection = await connect(server.url, { resettable });
      const error = await assertRejects(
        () => connection.nextMessage({ timeout: 20 }),
        TimeoutError,
      );
      assertEquals(error.message, "a frame did not arrive within 20 ms");
      go.resolve();
      assertEquals((await connection.nextMessage()).text(), "Hello");
    },
  );

  testWith(NET, `disposal ${name} resettable ends a pending read`, async () => {
    await using server = rawServer(async (conn) => {
      await conn.read(new Uint8Array(1)).catch(() => {});
    });
    const connection = await connect(server.url, { resettable });
    const reading = connection.frame();
    await connection[Symbol.asyncDispose]();
    assertEquals(await within(reading, "the read"), undefined);
    assertEquals(connection.ending, "closed");
  });
}

testWith(
  NET,
  "connect() throws TimeoutError when no response arrives",
  repeated(async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const error = await assertRejects(
      () => connect(`ws://127.0.0.1:${listener.addr.port}`, { timeout: 20 }),
      TimeoutError,
    );
    assertEquals(error.message, "the response did not arrive within 20 ms");
    (await listener.accept()).close();
  }),
);

testWith(
  NET,
  "connect() throws NoResponseError when the server ends",
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const opening = assertRejects(
      () => connect(`ws://127.0.0.1:${listener.addr.port}`),
      NoResponseError,
    );
    const conn = await listener.accept();
    await conn.read(new Uint8Array(4096));
    conn.close();
    await opening;
  },
);

testWith(
  NET,
  "a strict read throws the ProtocolError, again at each call",
  async () => {
    await using server = rawServer(async (conn) => {
      await conn.write(Uint8Array.fromHex("c100"));
      await conn.read(new Uint8Array(1)).catch(() => {});
    });
    await using connection = await connect(server.url);
    await assertRejects(() => connection.nextFrame(), ProtocolError);
    await assertRejects(() => connection.nextFrame(), ProtocolError);
    assertEquals(connection.faults.map(({ message }) => message), [
      "the server sent a reserved bit without an extension",
    ]);
  },
);

testWith(
  NET,
  "a tolerant read continues after faults, and lists them",
  async () => {
    await using server = rawServer(async (conn) => {
      await conn.write(Uint8Array.fromHex("c10141" + "8182010203044940"));
      await conn.write(Uint8Array.fromHex("8000" + "8300" + "8202ffff"));
      conn.closeWrite();
      await conn.read(new Uint8Array(1)).catch(() => {});
    });
    await using connection = await connect(server.url, { tolerant: true });
    const texts: string[] = [];
    for await (const { payload } of connection) texts.push(payload.toHex());
    assertEquals(texts, ["41", "4842", "ffff"]);
    assertEquals(
      connection.faults.map((fault) => (fault as ProtocolError).code),
      [
        "reserved bit",
        "masked frame",
        "continuation of nothing",
        "reserved opcode",
      ],
    );
  },
);

for (
  const [failure, url] of [
    ["dns", () => "ws://name.invalid/"],
    ["refused", () => {
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      return `ws://127.0.0.1:${listener.addr.port}/`;
    }],
  ] as const
) {
  testWith(
    NET,
    `connect() throws DialError with the failure "${failure}"`,
    async () => {
      const error = await assertRejects(() => connect(url()), DialError);
      assertEquals((error as DialError).failure, failure);
    },
  );
}

Deno.test({
  name: 'connect() throws DialError with the failure "permission"',
  permissions: { net: false },
  async fn() {
    const error = await assertRejects(() => connect("ws://127.0.0.1:1/"));
    assertEquals((error as DialError).failure, "permission");
  },
});

testWith(NET, "connect() rejects with the signal's reason", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `ws://127.0.0.1:${listener.addr.port}/`;
  const abort = new AbortController();
  const { signal } = abort;
  const opening = assertRejects(
    () => connect(url, { signal }),
    Error,
    "enough",
  );
  using conn = await listener.accept();
  await conn.read(new Uint8Array(1));
  abort.abort(new Error("enough"));
  await opening;
  const aborted = AbortSignal.abort(new Error("before"));
  await assertRejects(() => connect(url, { signal: aborted }), Error, "before");
});

testWith(
  NET,
  "a connection that is not read makes the server wait",
  async () => {
    const size = 64 * 2 ** 20;
    let sentBytes = 0;
    const isStuck = Promise.withResolvers<void>();
    await using server = rawServer(async (conn) => {
      const head = new Uint8Array(10);
      head.set([0x82, 127]);
      new DataView(head.buffer).setBigUint64(2, BigInt(size));
      await conn.write(head);
      const block = new Uint8Array(65536);
      while (sentBytes < size) {
        const write = conn.write(block);
        const timer = setTimeout(isStuck.resolve, 200);
        sentBytes += await write;
        clearTimeout(timer);
      }
    });
    await using connection = await connect(server.url);
    await within(isStuck.promise, "a write that waits");
    assert(sentBytes < size / 2, `${sentBytes} bytes were taken`);
    const { payload } = await connection.nextFrame();
    assertEquals(payload.length, size);
  },
);
