import { assertEquals } from "@std/assert";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { hardClose } from "../../../lib/runtime/hard_close.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { eventually, within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { serveSockets } from "../edge/runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** Runs a function with both ends of a connection to a bare server. */
async function withEnds(
  use: (socket: WebSocket, client: RawClient) => Promise<void>,
): Promise<void> {
  const opened = Promise.withResolvers<WebSocket>();
  const closed = Promise.withResolvers<void>();
  await using server = serveSockets((socket) => {
    socket.onclose = () => closed.resolve();
    opened.resolve(socket);
  });
  {
    using client = await RawClient.upgrade(server.addr, "/");
    await use(await opened.promise, client);
  }
  await closed.promise;
}

const PART = encodeFrame("continuation", new Uint8Array(65536), {
  final: false,
});

/** Sends fragments until the server ends the connection. */
class Fragments {
  /** Number of sent fragments. */
  count = 0;
  /** Resolves when the connection has ended. */
  readonly end: Promise<void>;
  readonly #client: RawClient;

  constructor(client: RawClient) {
    this.#client = client;
    this.end = this.#send().catch(() => {});
  }

  /** Resolves when more has been sent than all buffers hold. */
  flow(): Promise<true> {
    const enough = this.count + 512;
    return eventually(
      () => Promise.resolve(this.count > enough || undefined),
      "fragments that the server takes",
    );
  }

  async #send(): Promise<void> {
    await this.#client.write(
      encodeFrame("binary", new Uint8Array(1), { final: false }),
    );
    for (;; this.count++) await this.#client.write(PART);
  }
}

testWith(
  { net: true },
  "hardClose() ends the connection of a silent client",
  () =>
    withEnds(async (socket, client) => {
      assertEquals(hardClose(socket), true);
      assertEquals(socket.readyState, WebSocket.CLOSED);
      assertEquals((await client.end()).length, 0);
      // The runtime would panic if the socket used its closed resource.
      assertEquals(socket.bufferedAmount, 0);
      socket.send("late");
    }),
);

testWith(
  { net: true },
  "hardClose() ends the connection of a client that sends fragments without end",
  () =>
    withEnds(async (socket, client) => {
      const fragments = new Fragments(client);
      await fragments.flow();
      assertEquals(hardClose(socket), true);
      await within(fragments.end, "the end of the connection");
    }),
);

testWith(
  { net: true },
  "hardClose() ends a connection that has sent its CLOSE",
  () =>
    withEnds(async (socket, client) => {
      socket.close(1000);
      assertEquals(await client.closeCode(), 1000);
      assertEquals(hardClose(socket), true);
      assertEquals((await client.end()).length, 0);
    }),
);

// When this fails, hard_close.ts can be removed: the runtime ends the connection.
testWith(
  { net: true },
  "runtime still reads fragments without end after close()",
  () =>
    withEnds(async (socket, client) => {
      const fragments = new Fragments(client);
      await fragments.flow();
      socket.close(1000);
      assertEquals(await client.closeCode(), 1000);
      await fragments.flow();
      hardClose(socket);
      await within(fragments.end, "the end of the connection");
    }),
);

Deno.test("hardClose() is false when the runtime has no such resource", () => {
  assertEquals(hardClose({} as WebSocket), false);
});
