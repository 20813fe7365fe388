import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { encodeFrame } from "../../../../lib/client/frame.ts";
import { DelayedClose } from "../../../../lib/edge/connection/delayed_close.ts";
import {
  ReadScheduler,
  SocketReader,
} from "../../../../lib/edge/connection/read_scheduler.ts";
import { RawClient } from "../../../integration/support/raw.ts";
import { within } from "../../../integration/support/within.ts";
import { testWith } from "../../../permissions.ts";
import { serviceOf } from "../../../service.ts";
import { serveSockets } from "../runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** Starts the close of a fake socket; resolves with whether all was written. */
function closeOf(
  socket: { bufferedAmount: number; readyState?: number },
  use: (close: DelayedClose) => void = () => {},
): Promise<boolean> {
  socket.readyState ??= WebSocket.OPEN;
  const reader = new SocketReader(new ReadScheduler(), socket as WebSocket);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  use(new DelayedClose(serviceOf(), socket as WebSocket, reader, resolve));
  return within(promise, "the CLOSE");
}

Deno.test("DelayedClose writes when the client is silent and all data is written", async () => {
  assertEquals(await closeOf({ bufferedAmount: 0 }), true);
});

Deno.test("DelayedClose waits for unwritten data", async () => {
  let checks = 0;
  const socket = {
    get bufferedAmount() {
      return ++checks < 3 ? 1 : 0;
    },
  };
  assertEquals(await closeOf(socket), true);
  assertEquals(checks, 3);
});

Deno.test("DelayedClose waits for a period without a message", async () => {
  let checks = 0;
  const socket = {
    get bufferedAmount() {
      checks++;
      return 0;
    },
  };
  // A period with a message ends before the socket is asked.
  assertEquals(await closeOf(socket, (close) => close.noteMessage()), true);
  assertEquals(checks, 1);
});

Deno.test("DelayedClose writes in the end when data stays unwritten", async () => {
  assertEquals(await closeOf({ bufferedAmount: 1 }), false);
});

Deno.test("DelayedClose reports unwritten data when the runtime has ended the socket", async () => {
  const socket = { bufferedAmount: 0, readyState: WebSocket.CLOSED };
  assertEquals(await closeOf(socket), false);
});

// When this fails, delayed_close.ts can be removed.
testWith(
  { net: true },
  "runtime still drops a CLOSE when messages of the client are unread",
  async () => {
    await using server = serveSockets((socket) => {
      socket.onmessage = () => socket.close(1000);
    });
    using client = await RawClient.upgrade(server.addr, "/");
    const one = encodeFrame("text", "x");
    await client.write(Buffer.concat(Array.from({ length: 1000 }, () => one)));
    const received = await within(
      client.end().catch(() => new Uint8Array(0)),
      "the end",
    );
    assertEquals(received.length, 0);
  },
);
