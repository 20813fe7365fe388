import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ClientConnection } from "../../../lib/client/connection.ts";
import { DialError } from "../../../lib/client/dial.ts";
import { NoResponseError, RefusedError } from "../../../lib/client/errors.ts";
import { testWith } from "../../permissions.ts";
import { within } from "../../integration/support/within.ts";
import { accept, readHead } from "./raw_server.ts";

const utf8 = new TextEncoder();

/** Makes the response to the head of a request. */
type Answer = (head: string) => string;

/** Serves one connection and runs a client on it. */
async function served(
  serve: (conn: Deno.TcpConn) => Promise<void>,
  client: (url: string) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const server = (async () => {
    const conn = await listener.accept();
    try {
      await serve(conn);
    } finally {
      conn.close();
    }
  })();
  await within(
    client(`ws://127.0.0.1:${listener.addr.port}/path`),
    "the client",
  );
  await within(server, "the server");
}

/** Answers a handshake, sends bytes, and waits for the client to disconnect. */
function answering(answer: Answer, afterHead = new Uint8Array(0)) {
  return async (conn: Deno.TcpConn) => {
    const head = await readHead(conn);
    await conn.write(utf8.encode(answer(head)));
    if (afterHead.length > 0) await conn.write(afterHead);
    const buffer = new Uint8Array(1024);
    while (await conn.read(buffer).catch(() => null) !== null);
  };
}

const NET = { net: true } as const;

testWith(NET, "ClientConnection.write() refuses what is no bytes", async () => {
  await served(answering(accept), async (url) => {
    using connection = await ClientConnection.open(url);
    for (const value of ["text", 5, null, [1]]) {
      const write = () => connection.write(value as unknown as Uint8Array);
      assertThrows(write, TypeError, "bytes is ");
    }
  });
});

testWith(NET, "ClientConnection.open() exposes the handshake", async () => {
  await served(answering(accept), async (url) => {
    using connection = await ClientConnection.open(url);
    const { response, faults, times } = connection.handshake;
    assertEquals([response.status, faults.length], [101, 0]);
    assertEquals(response.fields.length, 3);
    assertEquals(times.tls, undefined);
    assert(times.tcp > 0 && times.response > 0);
  });
});

testWith(
  NET,
  "ClientConnection reads frames that arrive with the response",
  async () => {
    const hello = Uint8Array.fromHex("810548656c6c6f");
    const answer: Answer = (head) => accept(head) + "\x81\x02Hi";
    const latin1: Answer = (head) => answer(head);
    await served(async (conn) => {
      const head = latin1(await readHead(conn));
      await conn.write(Uint8Array.from(head, (c) => c.charCodeAt(0)));
      await conn.write(hello);
      conn.closeWrite();
      await conn.read(new Uint8Array(1));
    }, async (url) => {
      using connection = await ClientConnection.open(url);
      const texts = [];
      for (
        let m = await connection.message();
        m;
        m = await connection.message()
      ) {
        texts.push(new TextDecoder().decode(m.payload));
      }
      assertEquals(texts, ["Hi", "Hello"]);
      assertEquals(connection.ending, "end");
    });
  },
);

testWith(
  NET,
  "ClientConnection.dataOrClose() answers a PING before a message",
  async () => {
    let pong = "";
    await served(async (conn) => {
      await conn.write(utf8.encode(accept(await readHead(conn))));
      await conn.write(
        Uint8Array.fromHex("8902aabb8a008101 41".replace(" ", "")),
      );
      const buffer = new Uint8Array(64);
      const count = await conn.read(buffer);
      const frame = buffer.subarray(0, count!);
      pong = frame.subarray(0, 2).toHex() +
        frame.subarray(6).map((byte, i) => byte ^ frame[2 + i]!).toHex();
    }, async (url) => {
      using connection = await ClientConnection.open(url);
      const message = await connection.dataOrClose();
      assertEquals([message?.opcode, message?.payload.toHex()], ["text", "41"]);
      assertEquals(await connection.frame(), undefined);
    });
    assertEquals(pong, "8a82aabb");
  },
);

testWith(
  NET,
  "ClientConnection.open() throws RefusedError when the server refuses",
  async () => {
    const answer = () =>
      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nwho?\n";
    await served(answering(answer), async (url) => {
      using connection = await ClientConnection.openUnchecked(url);
      assertEquals(connection.handshake.response.status, 401);
      const body = await connection.body();
      assertEquals(new TextDecoder().decode(body), "who?\n");
    });
    await served(answering(answer), async (url) => {
      const error = await assertRejects(
        () => ClientConnection.open(url),
        RefusedError,
      );
      assertEquals(error.message, "refused with 401 Unauthorized");
    });
  },
);

testWith(
  NET,
  "ClientConnection.openUnchecked() reports a response that is not HTTP",
  async () => {
    await served(answering(() => "220 mail.example ESMTP\r\n"), async (url) => {
      const error = await assertRejects(
        () => ClientConnection.openUnchecked(url),
        NoResponseError,
      ) as NoResponseError;
      assertEquals(error.kind, "not HTTP");
      assertEquals(
        new TextDecoder().decode(error.received),
        "220 mail.example ESMTP\r\n",
      );
    });
  },
);

testWith(
  NET,
  "ClientConnection.openUnchecked() distinguishes an end from a reset",
  async () => {
    const failure = async (url: string) => {
      const error = await assertRejects(
        () => ClientConnection.openUnchecked(url),
        NoResponseError,
      );
      return (error as NoResponseError).kind;
    };
    await served(async (conn) => {
      await readHead(conn);
    }, async (url) => assertEquals(await failure(url), "end"));
    const server = createServer((socket) => {
      socket.once("data", () => socket.resetAndDestroy());
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    assertEquals(await failure(`ws://127.0.0.1:${port}/`), "reset");
    server.close();
    await once(server, "close");
  },
);

testWith(
  NET,
  "ClientConnection.openUnchecked() rejects when it is aborted",
  async () => {
    const abort = new AbortController();
    await served(async (conn) => {
      await readHead(conn);
      abort.abort(new Error("enough"));
      while (await conn.read(new Uint8Array(8)).catch(() => null) !== null);
    }, async (url) => {
      await assertRejects(
        () => ClientConnection.openUnchecked(url, { signal: abort.signal }),
        Error,
        "enough",
      );
    });
  },
);

testWith(
  NET,
  "ClientConnection.openUnchecked() reports a refused connection",
  async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const error = await assertRejects(
      () => ClientConnection.openUnchecked(`ws://127.0.0.1:${port}/`),
      DialError,
    );
    assertEquals((error as DialError).failure, "refused");
  },
);

testWith(
  NET,
  "ClientConnection.openUnchecked() reports a name without an address",
  async () => {
    const error = await assertRejects(
      () => ClientConnection.openUnchecked("ws://name.invalid/"),
      DialError,
    );
    assertEquals((error as DialError).failure, "dns");
  },
);

testWith(
  NET,
  "ClientConnection.openUnchecked() reports a server without TLS",
  async () => {
    await served(async (conn) => {
      await conn.read(new Uint8Array(1024));
      await conn.write(utf8.encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
    }, async (url) => {
      const error = await assertRejects(
        () => ClientConnection.openUnchecked(url.replace("ws:", "wss:")),
        DialError,
      );
      assertEquals((error as DialError).failure, "tls");
    });
  },
);

testWith(
  NET,
  "ClientConnection.send() writes all of a large payload",
  async () => {
    const size = 4 * 2 ** 20;
    let received = 0;
    await served(async (conn) => {
      await conn.write(utf8.encode(accept(await readHead(conn))));
      const buffer = new Uint8Array(65536);
      for (let count; (count = await conn.read(buffer)) !== null;) {
        received += count;
      }
    }, async (url) => {
      const connection = await ClientConnection.open(url);
      await connection.send("binary", new Uint8Array(size));
      connection[Symbol.dispose]();
    });
    assertEquals(received, size + 14);
  },
);
