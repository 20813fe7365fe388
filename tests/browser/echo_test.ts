import { assertEquals } from "@std/assert";
import { LISTENERS } from "../integration/support/suite.ts";
import { browserTest } from "./browser.ts";
import { homeOf } from "./console_page.ts";

browserTest("Chromium's WebSocket", {}, async (server, step) => {
  for (const { name, capabilities } of LISTENERS) {
    await step(`gets its echo from the ${name} listener`, async (page) => {
      await page.goto(homeOf(server));
      const url = server.url(name, "/ws");
      const seen = await page.evaluate(
        (url) =>
          new Promise((resolve, reject) => {
            const socket = new WebSocket(url, ["chat", "echo"]);
            socket.onerror = () => reject(new Error("refused"));
            socket.onopen = () => socket.send("Grüße");
            socket.onmessage = ({ data }) => {
              resolve([data, socket.protocol, socket.extensions]);
              socket.close(4000);
            };
          }),
        url,
      );
      const extension = capabilities.compression ? "permessage-deflate" : "";
      assertEquals(seen, ["Grüße", "echo", extension]);
    });
  }
});
