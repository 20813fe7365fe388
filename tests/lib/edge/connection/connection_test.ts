import { assertEquals } from "@std/assert";
import { EdgeConnection } from "../../../../lib/edge/connection/connection.ts";
import { ReadScheduler } from "../../../../lib/edge/connection/read_scheduler.ts";
import type {
  CloseEventInfo,
  WebSocketHandler,
} from "../../../../lib/websocket.ts";
import { serviceOf } from "../../../service.ts";

/** A connection whose socket is only what the tests need. */
function connectionOf(handler: WebSocketHandler): EdgeConnection {
  return new EdgeConnection(serviceOf(), "id", {
    socket: { bufferedAmount: 0 } as WebSocket,
    readScheduler: new ReadScheduler(),
    path: "/control",
    params: {},
    handler,
    request: { url: new URL("http://localhost/"), headers: new Headers() },
    remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    client: "127.0.0.1",
    protocol: "",
    state: undefined,
    socketControl: { closeStarted() {}, cut() {} },
  });
}

for (
  const [size, freed, when] of [
    [100, false, "returned"],
    [1024, true, "returned"],
    [100_000, true, "returned"],
    [100_000, false, "returned a promise"],
  ] as const
) {
  const name = freed ? "frees" : "leaves";
  Deno.test(`EdgeConnection.receive() ${name} a message of ${size} bytes whose handler has ${when}`, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const connection = connectionOf({
      frame: () => when === "returned" ? undefined : promise,
    });
    const data = new ArrayBuffer(size);
    connection.receive(data);
    assertEquals(data.detached, freed);
    resolve();
    await promise;
  });
}

// The runtime accepts reasons that are longer than one that may be sent.
for (
  const [reason, code] of [["", 1000], ["bye", 4999], [
    "x".repeat(124),
    1000,
  ]] as const
) {
  for (const controlFrames of [true, "observe"] as const) {
    Deno.test(`EdgeConnection.closed() delivers CLOSE ${code} to controlFrames ${controlFrames} with a reason of ${reason.length} bytes, then the end`, () => {
      const payloads: string[] = [];
      const ends: CloseEventInfo[] = [];
      const connection = connectionOf({
        controlFrames,
        frame: (_connection, frame) =>
          void payloads.push(frame.payload.toHex()),
        close: (_connection, event) => void ends.push(event),
      });
      connection.closed(
        new CloseEvent("close", { code, reason, wasClean: true }),
      );
      const bytes = new TextEncoder().encode(reason).toHex();
      assertEquals(payloads, [code.toString(16).padStart(4, "0") + bytes]);
      assertEquals(ends, [{ code, reason, wasClean: true }]);
    });
  }
}
