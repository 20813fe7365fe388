import { assertEquals } from "@std/assert";
import { serve } from "../../../lib/mod.ts";
import { LogCapture } from "../../handlers/fakes.ts";
import { makeChain } from "../../integration/support/chain.ts";
import { TLS_NEEDS } from "../../integration/support/tls_server.ts";
import { within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";

const HANDSHAKE = "GET /ws HTTP/1.1\r\nHost: localhost\r\n" +
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** When the certificate is renewed. */
type Moment = "before a WebSocket" | "before the shutdown" | "during it";

const MOMENTS: readonly Moment[] = [
  "before a WebSocket",
  "before the shutdown",
  "during it",
];

for (const moment of MOMENTS) {
  testWith(
    TLS_NEEDS,
    `Server.shutdown() resolves after its timeout when the certificate is renewed ${moment}`,
    async () => {
      using log = new LogCapture("INFO");
      await using chain = await makeChain();
      const opened = Promise.withResolvers<void>();
      const server = await serve({
        routes: { "/ws": { frame() {}, open: () => opened.resolve() } },
        host: "127.0.0.1",
        port: 0,
        framePort: false,
        tls: { cert: chain.cert, key: chain.key },
      });
      const { port } = server.addresses.edge;
      if (moment === "before a WebSocket") {
        server.renewCertificate();
        while (!log.lines.some((line) => line.includes("new certificate"))) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      // A client that answers no CLOSE.
      using client = await Deno.connectTls({
        hostname: "localhost",
        port,
        caCerts: [chain.root],
      });
      await client.write(new TextEncoder().encode(HANDSHAKE));
      await within(opened.promise, "the open socket");
      if (moment === "before the shutdown") server.renewCertificate();
      const done = server.shutdown({ timeout: 100 });
      if (moment === "during it") server.renewCertificate();
      assertEquals(await within(done, "the shutdown"), {
        inTime: false,
        cutOff: 1,
      });
      // The error that this is about is thrown in a later turn.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  );
}
