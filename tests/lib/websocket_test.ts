/** The contract between handlers and listeners, on both listeners. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Router } from "../../lib/routing/router.ts";
import type {
  Connection,
  Frame,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { LogCapture } from "../handlers/fakes.ts";
import { Inbox } from "../integration/support/inbox.ts";
import { RawClient, type RawFrame } from "../integration/support/raw.ts";
import { frame, OPCODE } from "../integration/support/wire.ts";
import { testWith } from "../permissions.ts";
import { listenBoth, serviceOf } from "../service.ts";

const NET = { net: true } as const;

/**
 * Registers a test for each listener, with one client of one handler. `early` follows the
 * request at once.
 */
function contractTest(
  name: string,
  handlerOf: () => WebSocketHandler,
  body: (client: RawClient) => Promise<void>,
  early?: Uint8Array,
): void {
  for (const listener of ["edge", "frame"] as const) {
    testWith(NET, `${listener} listener: ${name}`, async () => {
      const router = new Router({ "/test": handlerOf() });
      await using server = listenBoth(serviceOf({ router }));
      using client = await RawClient.upgrade(
        server.address[listener],
        "/test",
        {},
        early,
      );
      await body(client);
      client[Symbol.dispose]();
    });
  }
}

/** ASCII, so that it is valid as text and as binary. */
function payload(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => 33 + i % 90);
}

/** Reads one message; fails if the frames do not form exactly one. */
async function readMessage(client: RawClient): Promise<RawFrame> {
  const frames: RawFrame[] = [];
  do frames.push(await client.frame()); while (!frames.at(-1)!.final);
  assertEquals(
    frames.slice(1).map(({ opcode }) => opcode),
    frames.slice(1).map(() => OPCODE.continuation),
  );
  return {
    opcode: frames[0]!.opcode,
    final: true,
    payload: new Uint8Array(frames.flatMap(({ payload }) => [...payload])),
  };
}

const echoParts = (maxPart?: number): WebSocketHandler => ({
  receive: "part",
  ...(maxPart !== undefined && { maxPart }),
  frame: (connection, part) => connection.send(part),
});

for (const maxPart of [undefined, 1, 64, 1000]) {
  contractTest(
    `send(part) echoes messages in parts, maxPart ${maxPart}`,
    () => echoParts(maxPart),
    async (client) => {
      for (const opcode of [OPCODE.text, OPCODE.binary]) {
        for (const length of [0, 1, 64, 65, 200, 5000]) {
          const bytes = frame(opcode, payload(length));
          // In two segments, so that a frame arrives in several parts.
          await client.write(bytes.subarray(0, bytes.length >> 1));
          await client.write(bytes.subarray(bytes.length >> 1));
          assertEquals(await readMessage(client), {
            opcode,
            final: true,
            payload: payload(length),
          });
        }
      }
    },
  );
}

contractTest(
  "send(part) echoes a fragmented message in parts",
  () => echoParts(64),
  async (client) => {
    await client.write(frame(OPCODE.text, payload(100), false));
    await client.write(frame(OPCODE.continuation, payload(0), false));
    await client.write(frame(OPCODE.continuation, payload(130)));
    const { opcode, payload: echoed } = await readMessage(client);
    assertEquals(opcode, OPCODE.text);
    assertEquals([...echoed], [...payload(100), ...payload(130)]);
  },
);

testWith(
  NET,
  "maxPart splits a frame into parts of that size, however it arrives",
  async () => {
    for (const listener of ["edge", "frame"] as const) {
      for (const size of [1, 63, 1000]) {
        const sizes: number[][] = [];
        const inbox = new Inbox<void>("the last part");
        const handler: WebSocketHandler = {
          receive: "part",
          maxPart: 64,
          frame(_, { length, left, payload, final }) {
            sizes.push([length, left, payload.length]);
            if (final) inbox.push();
          },
        };
        const router = new Router({ "/test": handler });
        await using server = listenBoth(serviceOf({ router }));
        using client = await RawClient.upgrade(
          server.address[listener],
          "/test",
        );
        client.conn.setNoDelay(true);
        const bytes = frame(OPCODE.binary, payload(200));
        for (let at = 0; at < bytes.length; at += size) {
          await client.write(bytes.subarray(at, at + size));
        }
        await inbox.next();
        assertEquals(sizes, [
          [200, 136, 64],
          [200, 72, 64],
          [200, 8, 64],
          [200, 0, 8],
        ]);
        client[Symbol.dispose]();
      }
    }
  },
);

contractTest(
  "a pending promise of frame() delays the next part",
  () => {
    let working = false;
    return {
      receive: "part",
      maxPart: 10,
      async frame(connection: Connection, part: Frame) {
        assert(!working, "two parts at a time");
        working = true;
        await Promise.resolve();
        working = false;
        connection.send(part);
      },
    };
  },
  async (client) => {
    await client.write(frame(OPCODE.text, payload(95)));
    await client.write(frame(OPCODE.text, "next"));
    assertEquals((await readMessage(client)).payload, payload(95));
    assertEquals(await client.text(), "next");
  },
);

contractTest(
  "frames wait for the promise of open()",
  () => {
    const opened = new WeakSet<Connection>();
    return {
      async open(connection) {
        connection.send("opening");
        for (let i = 0; i < 3; i++) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        opened.add(connection);
        connection.send("opened");
      },
      frame(connection, message) {
        connection.send(`${opened.has(connection)} ${message.text()}`);
      },
    };
  },
  async (client) => {
    await client.write(frame(OPCODE.text, "a"));
    assertEquals(await client.text(), "opening");
    await client.write(frame(OPCODE.text, "b"));
    for (const expected of ["opened", "true a", "true b"]) {
      assertEquals(await client.text(), expected);
    }
  },
);

contractTest(
  "open() may be asynchronous and may close",
  () => ({
    async open(connection) {
      await Promise.resolve();
      connection.close(4000, "no");
    },
    frame: () => {
      throw new Error("a frame after close()");
    },
  }),
  async (client) => assertEquals(await client.closeCode(), 4000),
  frame(OPCODE.text, "a"),
);

for (
  const [how, open] of [
    ["throws", () => {
      throw new Error("no database");
    }],
    ["rejects", () => Promise.reject(new Error("no database"))],
    ["rejects later", async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      throw new Error("no database");
    }],
  ] as const
) {
  for (const listener of ["edge", "frame"] as const) {
    testWith(
      NET,
      `${listener} listener: an open() that ${how} closes with 1011 and is logged`,
      async () => {
        using log = new LogCapture("ERROR");
        const frames: string[] = [];
        const router = new Router({
          "/test": {
            open,
            frame: (_: Connection, frame: Frame) =>
              void frames.push(frame.text()),
          },
        });
        await using server = listenBoth(serviceOf({ router }));
        using client = await RawClient.upgrade(
          server.address[listener],
          "/test",
          {},
          frame(OPCODE.text, "a"),
        );
        assertEquals(await client.closeCode(), 1011);
        client[Symbol.dispose]();
        assertEquals(frames, []);
        assertEquals(log.lines.length, 1);
        assertMatch(
          log.lines[0]!,
          /^ERROR httpd_ws: Handler of \/test failed on sock \S+: Error: no database/,
        );
      },
    );
  }
}

for (
  const [how, close] of [
    ["throws", () => {
      throw new Error("no database");
    }],
    ["rejects", () => Promise.reject(new Error("no database"))],
  ] as const
) {
  for (const listener of ["edge", "frame"] as const) {
    testWith(
      NET,
      `${listener} listener: a close() that ${how} is logged`,
      async () => {
        using log = new LogCapture("ERROR");
        const router = new Router({ "/test": { frame() {}, close } });
        {
          await using server = listenBoth(serviceOf({ router }));
          using client = await RawClient.upgrade(
            server.address[listener],
            "/test",
          );
          await client.write(frame(OPCODE.close, ""));
          assertEquals(await client.closeCode(), 1005);
          client[Symbol.dispose]();
        }
        assertEquals(log.lines.length, 1);
        assertMatch(
          log.lines[0]!,
          /^ERROR httpd_ws: Handler of \/test failed on sock \S+: Error: no database/,
        );
      },
    );
  }
}

contractTest(
  "connection.request has the URL and the fields of the handshake",
  () => ({
    frame(connection) {
      const { url, headers } = connection.request;
      connection.send(`${url.pathname} ${headers.get("upgrade")}`);
    },
  }),
  async (client) => {
    await client.write(frame(OPCODE.text, "show"));
    assertEquals(await client.text(), "/test websocket");
  },
);
