import { assert, assertEquals, assertRejects } from "@std/assert";
import { NO_USER } from "../../../../../lib/frame/transport/socket.ts";
import { hasIpv6, NativePort, nativeTest } from "./fixture.ts";

const encoder = new TextEncoder();

async function readAll(client: Deno.Conn): Promise<number> {
  let total = 0;
  const buffer = new Uint8Array(256 * 1024);
  for (let n; (n = await client.read(buffer)) !== null;) total += n;
  return total;
}

nativeTest(
  "a socket reads what a client sends, and writes at once",
  async () => {
    await using port = new NativePort();
    const { client, served } = await port.connect();
    using _client = client;
    await client.write(encoder.encode("hello"));
    assertEquals(await served.read(), {
      kind: "arrived",
      bytes: encoder.encode("hello"),
    });
    assertEquals(served.socket.isReading, false);
    assertEquals(served.socket.write(encoder.encode("answer")), 6);
    const buffer = new Uint8Array(10);
    assertEquals(await client.read(buffer), 6);
  },
);

nativeTest("a socket goes on reading where a view was too small", async () => {
  await using port = new NativePort();
  const { client, served } = await port.connect({ size: 2 });
  using _client = client;
  await client.write(encoder.encode("12345"));
  for (const part of ["12", "34", "5"]) {
    assertEquals(await served.read(), {
      kind: "arrived",
      bytes: encoder.encode(part),
    });
  }
});

nativeTest(
  "a socket reports the end of the client's output behind the last bytes",
  async () => {
    await using port = new NativePort();
    const { client, served } = await port.connect();
    using _client = client;
    await client.write(encoder.encode("last"));
    await client.closeWrite();
    assertEquals(await served.read(), {
      kind: "arrived",
      bytes: encoder.encode("last"),
    });
    assertEquals(await served.read(), { kind: "readEnded" });
    assertEquals(served.socket.write(encoder.encode("behind")), 6);
    served.socket.endWrites();
    assertEquals(await readAll(client), 6);
  },
);

nativeTest("a socket reports an end that came before the read", async () => {
  await using port = new NativePort();
  const { client, served } = await port.connect();
  client.close();
  const second = await port.connect();
  using _client = second.client;
  assertEquals(await served.read(), { kind: "readEnded" });
});

nativeTest("a socket writes the rest when a client reads again", async () => {
  await using port = new NativePort();
  const { client, served } = await port.connect();
  using _client = client;
  const length = 32 * 2 ** 20;
  const count = served.socket.write(new Uint8Array(length));
  assert(count > 0 && count < length, `${count}`);
  const received = readAll(client);
  let written = count;
  while (written < length) {
    const event = await served.next();
    if (event.kind !== "written") throw new Error(event.kind);
    written += event.count;
  }
  assertEquals(written, length);
  served.socket.endWrites();
  assertEquals(await received, length);
});

nativeTest("a write fails after a reset", async () => {
  await using port = new NativePort();
  const { client, served } = await port.connect();
  // Unread input makes the close a reset.
  served.socket.write(encoder.encode("unread"));
  await client.write(encoder.encode("sent"));
  await served.read();
  client.close();
  const { kind } = await served.read();
  assert(kind === "readFailed" || kind === "readEnded", kind);
  assertEquals(served.socket.write(encoder.encode("late")), 0);
  assertEquals(await served.next(), { kind: "writeFailed" });
});

nativeTest(
  "reset() gives the client a reset, and fails a read that is under way",
  async () => {
    await using port = new NativePort();
    const { client, served } = await port.connect();
    using _client = client;
    served.socket.read(served.view);
    const { socket } = served;
    assertEquals(await socket.reset(), true);
    assertEquals(await served.next(), { kind: "readFailed" });
    await assertRejects(
      () => client.read(new Uint8Array(1)),
      Deno.errors.ConnectionReset,
    );
    assertEquals(await socket.reset(), false);
  },
);

nativeTest(
  "a read that is under way fails when the socket is closed",
  async () => {
    await using port = new NativePort();
    const { client, served } = await port.connect();
    using _client = client;
    served.socket.read(served.view);
    assertEquals(served.socket.isReading, true);
    served.socket.close();
    assertEquals(await served.next(), { kind: "readFailed" });
    assertEquals(served.socket.isReading, false);
    assertEquals(await client.read(new Uint8Array(1)), null);
  },
);

nativeTest(
  "a write that is under way fails when the socket is closed",
  async () => {
    await using port = new NativePort();
    const { client, served } = await port.connect();
    using _client = client;
    served.socket.write(new Uint8Array(32 * 2 ** 20));
    served.socket.close();
    assertEquals(await served.next(), { kind: "writeFailed" });
  },
);

nativeTest(
  "calls after the close have no effect on a socket with the same descriptor",
  async () => {
    await using port = new NativePort();
    const first = await port.connect();
    first.served.socket.close();
    first.client.close();
    const second = await port.connect();
    using _client = second.client;
    first.served.socket.close();
    first.served.socket.endWrites();
    assertEquals(first.served.socket.write(encoder.encode("wrong")), 0);
    assertEquals(await first.served.next(), { kind: "writeFailed" });
    second.served.socket.write(encoder.encode("right"));
    second.served.socket.endWrites();
    assertEquals(await readAll(second.client), 5);
  },
);

nativeTest("a socket has the address of its client", async () => {
  await using port = new NativePort();
  const { client, served } = await port.connect();
  using _client = client;
  assertEquals(served.socket.remoteAddr, client.localAddr);
});

if (hasIpv6()) {
  nativeTest(
    "a socket on :: has an IPv6 address or the IPv4 address of its client",
    async () => {
      await using port = new NativePort("::");
      assertEquals(port.addr.hostname, "::");
      for (const hostname of ["::1", "127.0.0.1"]) {
        const { client, served } = await port.connect({ hostname });
        using _client = client;
        assertEquals(served.socket.remoteAddr, client.localAddr);
      }
    },
  );
}

nativeTest(
  "a socket reads on after the promise jobs of the bytes before",
  async () => {
    await using port = new NativePort();
    const { client, served } = await port.connect({ size: 2 });
    using _client = client;
    const { socket, view } = served;
    const events: string[] = [];
    const ended = Promise.withResolvers<void>();
    socket.user = {
      ...NO_USER,
      arrived() {
        events.push("arrived");
        queueMicrotask(() => events.push("job"));
        socket.read(view);
      },
      readEnded() {
        events.push("ended");
        ended.resolve();
      },
    };
    await client.write(encoder.encode("1234"));
    await client.closeWrite();
    socket.read(view);
    await ended.promise;
    assertEquals(events, ["arrived", "job", "arrived", "job", "ended"]);
  },
);
