import { assertEquals } from "@std/assert";
import { EdgeConnection } from "../../../../lib/edge/connection/connection.ts";
import { ReadScheduler } from "../../../../lib/edge/connection/read_scheduler.ts";
import type { CloseEventInfo } from "../../../../lib/websocket.ts";
import { serviceOf } from "../../../service.ts";

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
      const connection = new EdgeConnection(
        serviceOf(),
        "id",
        {
          socket: { bufferedAmount: 0 } as WebSocket,
          readScheduler: new ReadScheduler(),
          path: "/control",
          params: {},
          handler: {
            controlFrames,
            frame: (_connection, frame) =>
              void payloads.push(frame.payload.toHex()),
            close: (_connection, event) => void ends.push(event),
          },
          request: {
            url: new URL("http://localhost/"),
            headers: new Headers(),
          },
          remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
          client: "127.0.0.1",
          protocol: "",
          state: undefined,
          socketControl: { closeStarted() {}, cut() {} },
        },
      );
      connection.closed(
        new CloseEvent("close", { code, reason, wasClean: true }),
      );
      const bytes = new TextEncoder().encode(reason).toHex();
      assertEquals(payloads, [code.toString(16).padStart(4, "0") + bytes]);
      assertEquals(ends, [{ code, reason, wasClean: true }]);
    });
  }
}
