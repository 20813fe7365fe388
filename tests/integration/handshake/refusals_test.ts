/** Refusals name the fault, on both listeners. */

import { assertEquals, assertMatch } from "@std/assert";
import { exchange } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { secureUrl, tlsSuite } from "../support/tls_server.ts";
import {
  type Fields,
  handshake,
  requestHead,
  SAMPLE,
} from "../support/wire.ts";

/** Targets with a wrong query, and the message of the refusal. */
const WRONG_QUERIES: readonly [path: string, message: RegExp][] = [
  ["/ws?delay=abc", /^delay=abc is not valid; allowed: 0 to 3600000 ms\.$/],
  ["/ws?delays=1", /^"delays" is unknown/],
  ["/ws?close=1006", /abort=1/],
  ["/frames?report=2", /report must be 1 or left out/],
];

const RIGHT_QUERIES = ["/ws", "/ws?delay=5", "/ws?reject=503", "/frames"];

for (const { name, capabilities } of LISTENERS) {
  suite(`${name} listener: refusals`, {}, async (server, step) => {
    const ask = (head: string) => exchange(server.address(name), head);
    const edgePort = new RegExp(`:${server.address("edge").port}/`);

    for (const [path, message] of WRONG_QUERIES) {
      await step(
        `GET ${path} without an upgrade names the fault`,
        async () => {
          const { status, body } = await ask(requestHead(path));
          assertEquals(status, 400);
          assertMatch(body.trim(), message);
        },
      );
    }

    await step("a right query without an upgrade is 426", async () => {
      for (const path of RIGHT_QUERIES) {
        const { status, headers, body } = await ask(requestHead(path));
        assertEquals(status, 426, path);
        assertEquals(headers.get("upgrade"), "websocket");
        assertMatch(body, /WebSocket/);
      }
    });

    await step(
      "a POST with a body and without an upgrade is refused",
      async () => {
        const head = requestHead(
          "/ws",
          { Host: "127.0.0.1", "Content-Length": "5" },
          "POST",
        );
        const { status, headers, body } = await ask(`${head}hello`);
        if (capabilities.http) {
          assertEquals([status, headers.get("allow")], [405, "GET"]);
        } else {
          assertEquals(status, 426);
          assertMatch(body, edgePort);
        }
      },
    );

    await step("HTTP/1.0 without an upgrade is 426", async () => {
      for (const fields of [{}, { Host: "127.0.0.1" }] as Fields[]) {
        const head = requestHead("/ws", fields).replace("HTTP/1.1", "HTTP/1.0");
        assertEquals((await ask(head)).status, 426);
      }
    });

    for (const field of ["", " ", "\t"]) {
      await step(
        `Sec-WebSocket-Protocol ${JSON.stringify(field)} offers none`,
        async () => {
          const { status, headers } = await ask(
            handshake("/ws", { "Sec-WebSocket-Protocol": field }),
          );
          assertEquals(status, 101);
          assertEquals(headers.get("sec-websocket-accept"), SAMPLE.accept);
          assertEquals(headers.get("sec-websocket-protocol"), null);
        },
      );
    }
  });

  tlsSuite(
    `${name} listener: refusals over TLS`,
    async (server, chain, step) => {
      await step(
        "a request over HTTP/2 without an upgrade gets 426",
        async () => {
          const url = secureUrl(server, name, "/ws").replace("wss:", "https:");
          const caCerts = [chain.root];
          using client = Deno.createHttpClient({ caCerts, http2: true });
          const response = await fetch(url, { client });
          assertEquals(response.status, 426);
          assertMatch(await response.text(), /WebSocket/);
        },
      );

      if (capabilities.http) {
        await step(
          "a request over HTTP/2 with a wrong query gets 400",
          async () => {
            const url = secureUrl(server, name, "/ws?delay=abc");
            const caCerts = [chain.root];
            using client = Deno.createHttpClient({ caCerts, http1: false });
            const response = await fetch(url.replace("wss:", "https:"), {
              client,
            });
            assertEquals(response.status, 400);
            assertMatch(
              await response.text(),
              /^delay=abc is not valid; allowed: /,
            );
          },
        );
      }
    },
  );
}
