import { assertEquals } from "@std/assert";
import { hardClose } from "../../../lib/runtime/hard_close.ts";
import { LeakedSockets } from "../../../lib/runtime/leaked_sockets.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { serveSockets } from "../edge/runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("LeakedSockets.hold() releases when the socket is garbage, without other work", async () => {
  const leakedSockets = new LeakedSockets();
  const { promise, resolve } = Promise.withResolvers<void>();
  // Only this call refers to the object.
  leakedSockets.hold({} as WebSocket, resolve);
  await within(promise, "the collection of the socket");
  leakedSockets.clear();
});

/** More bytes than the operating system buffers. */
const MESSAGE_BYTES = 64 * 2 ** 20;

/** Bytes of the header of such a message. */
const HEADER_BYTES = 10;

// When this fails, leaked_sockets.ts can be removed: hardClose() ends every connection.
testWith(
  { net: true },
  "runtime still writes to a client that did not read before hardClose()",
  async () => {
    const opened = Promise.withResolvers<WebSocket>();
    await using server = serveSockets(opened.resolve);
    using client = await RawClient.upgrade(server.addr, "/");
    const socket = await opened.promise;
    socket.send(new Uint8Array(MESSAGE_BYTES));
    // The first byte shows that the write is under way.
    const first = await client.conn.read(new Uint8Array(1));
    hardClose(socket);
    const buffer = new Uint8Array(2 ** 16);
    let length = first ?? 0;
    for (let count; (count = await client.conn.read(buffer)) !== null;) {
      length += count;
    }
    assertEquals(length, MESSAGE_BYTES + HEADER_BYTES);
  },
);
