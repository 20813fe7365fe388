import { assertEquals } from "@std/assert";
import { makeChain } from "../integration/support/chain.ts";
import type { Server } from "../integration/support/server.ts";
import { LISTENERS } from "../integration/support/suite.ts";
import { secureUrl, startTls } from "../integration/support/tls_server.ts";
import { browserTest } from "./browser.ts";

/** Starts the service with TLS and a new certificate chain. */
async function startWithChain(): Promise<Server> {
  const chain = await makeChain();
  const server = await startTls(chain);
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await chain[Symbol.asyncDispose]();
    },
  };
}

/** The browser does not trust the root of the chain; the test is not about trust. */
const UNTRUSTED = { ignoreHTTPSErrors: true };

browserTest("Chromium over TLS", startWithChain, async (server, step) => {
  const page = secureUrl(server, "edge", "/").replace("wss:", "https:");
  for (const { name } of LISTENERS) {
    await step(
      `a page loaded over HTTP/2 gets its echo from the ${name} listener`,
      async (tab) => {
        await tab.goto(page);
        const [protocol, echo] = await tab.evaluate(async (url) => {
          const [navigation] = performance.getEntriesByType("navigation");
          const socket = new WebSocket(url);
          const echo = await new Promise((resolve, reject) => {
            socket.onopen = () => socket.send("hello");
            socket.onmessage = ({ data }) => resolve(data);
            socket.onclose = ({ code }) =>
              reject(new Error(`closed with ${code}`));
          });
          socket.close();
          // deno-lint-ignore no-explicit-any -- Deno's types have no such entry
          return [(navigation as any).nextHopProtocol, echo];
        }, secureUrl(server, name, "/ws"));
        assertEquals([protocol, echo], ["h2", "hello"]);
      },
      UNTRUSTED,
    );
  }
});
