import { assertEquals } from "@std/assert";
import { connect } from "./client.ts";
import { exchange } from "./raw.ts";
import { LISTENERS, suite } from "./suite.ts";
import { handshake } from "./wire.ts";

for (const { name } of LISTENERS) {
  const env = {
    ALLOWED_ORIGINS: "https://example.com, http://localhost:8080",
  };
  suite(`${name} listener: ALLOWED_ORIGINS`, env, async (server, step) => {
    const status = async (origin: string | undefined) =>
      (await exchange(
        server.address(name),
        handshake("/ws", { Origin: origin }),
      )).status;

    await step("accepts an origin that is listed", async () => {
      assertEquals(await status("https://example.com"), 101);
      assertEquals(await status("http://localhost:8080"), 101);
    });

    await step("refuses every other with 403", async () => {
      for (
        const origin of [
          "https://evil.example",
          "http://example.com",
          "https://example.com:8443",
          "https://example.com.evil.example",
          "null",
        ]
      ) {
        assertEquals(await status(origin), 403, origin);
      }
    });

    await step("accepts a client that is no browser", async () => {
      assertEquals(await status(undefined), 101);
      await using peer = await connect(server.url(name, "/ws"));
      assertEquals(peer.protocol, "");
    });
  });
}
