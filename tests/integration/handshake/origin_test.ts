import { assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { exchange } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";

/** Origins that apps and extensions send. */
const APPS = [
  "capacitor://localhost",
  "ionic://localhost",
  "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
  "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
  "app://.",
];

for (const { name, capabilities } of LISTENERS) {
  const env = {
    ALLOWED_ORIGINS: ["https://example.com", "http://localhost:8080", ...APPS]
      .join(", "),
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

    await step("accepts an app or extension that is listed", async () => {
      for (const origin of APPS) {
        assertEquals(await status(origin), 101, origin);
      }
    });

    if (capabilities.http) {
      await step("allows a listed app to read HTTP answers", async () => {
        for (const origin of [...APPS, "capacitor://elsewhere"]) {
          const { headers } = await exchange(
            server.address(name),
            requestHead("/http", { Host: "localhost", Origin: origin }),
          );
          assertEquals(
            headers.get("access-control-allow-origin"),
            APPS.includes(origin) ? origin : null,
          );
        }
      });
    }

    await step("refuses other origins with 403", async () => {
      for (
        const origin of [
          "https://evil.example",
          "http://example.com",
          "https://example.com:8443",
          "https://example.com.evil.example",
          "null",
          "capacitor://localhost:1",
          "capacitor://elsewhere",
          "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
        ]
      ) {
        assertEquals(await status(origin), 403, origin);
      }
    });

    await step("accepts a client without an Origin", async () => {
      assertEquals(await status(undefined), 101);
      await using client = await connect(server.url(name, "/ws"));
      assertEquals(client.protocol, "");
    });
  });
}
