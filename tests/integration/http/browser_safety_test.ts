import { assert, assertEquals, assertMatch } from "@std/assert";
import { exchange, RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";

const HOST = "127.0.0.1";

/** Requests of every kind. */
const REQUESTS: readonly (readonly [what: string, head: string])[] = [
  ["a page", requestHead("/", { Host: HOST, Accept: "text/html" })],
  ["the addresses", requestHead("/")],
  ["a route", requestHead("/healthz")],
  ["an echo", requestHead("/http")],
  ["an unknown path", requestHead("/nowhere")],
  ["a wrong method", requestHead("/healthz", { Host: HOST }, "DELETE")],
  ["no upgrade", requestHead("/ws")],
  ["a refused handshake", handshake("/ws", { "Sec-WebSocket-Key": "bad" })],
  ["another version", handshake("/ws", { "Sec-WebSocket-Version": "8" })],
  ["no token", handshake("/auth")],
  [
    "an origin that is not allowed",
    handshake("/ws", { Origin: "https://evil.example" }),
  ],
  ["a bad Host", requestHead("/", { Host: "a b" })],
];

const env = { ALLOWED_ORIGINS: "https://app.example" };

for (const { name } of LISTENERS) {
  suite(
    `${name} listener: every answer has the security headers`,
    env,
    async (server, step) => {
      for (const [what, head] of REQUESTS) {
        await step(what, async () => {
          using client = await RawClient.connect(server.address(name), head);
          const { status, headers } = await client.response();
          // The runtime itself answers requests that are not HTTP.
          if (
            name === "edge" && status === 400 && !headers.has("content-type")
          ) return;
          assertEquals(headers.get("x-content-type-options"), "nosniff");
          assertEquals(headers.get("referrer-policy"), "no-referrer");
          const policy = headers.get("content-security-policy") ?? "";
          assert(policy.includes("default-src 'none'"), policy);
          assert(policy.includes("frame-ancestors 'none'"), policy);
          assert(!policy.includes("unsafe-"), policy);
          assertMatch(
            headers.get("cross-origin-resource-policy"),
            name === "edge" ? /^(same|cross)-origin$/ : /^cross-origin$/,
          );
          assertEquals(headers.get("access-control-allow-credentials"), null);
        });
      }
    },
  );
}

suite(
  "edge listener: CORS follows ALLOWED_ORIGINS",
  env,
  async (server, step) => {
    const ask = (path: string, origin: string, method = "GET", more = {}) =>
      exchange(
        server.address("edge"),
        requestHead(path, { Host: HOST, Origin: origin, ...more }, method),
      );
    const allowed = ({ headers }: { headers: Headers }) =>
      headers.get("access-control-allow-origin");

    for (
      const path of [
        "/http",
        "/http/below?status=404",
        "/sse?count=0",
      ]
    ) {
      await step(
        `${path} is readable by pages of listed origins only`,
        async () => {
          assertEquals(
            allowed(await ask(path, "https://app.example")),
            "https://app.example",
          );
          const other = await ask(path, "https://evil.example");
          assertEquals(allowed(other), null);
          assertMatch(other.headers.get("vary"), /\borigin\b/);
        },
      );
    }

    await step("a preflight follows it", async () => {
      const fields = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
      };
      const preflight = await ask(
        "/http",
        "https://app.example",
        "OPTIONS",
        fields,
      );
      assertEquals(preflight.status, 204);
      assertEquals(allowed(preflight), "https://app.example");
      assertEquals(
        preflight.headers.get("access-control-allow-methods"),
        "PUT",
      );
      assertEquals(
        allowed(await ask("/http", "https://evil.example", "OPTIONS", fields)),
        null,
      );
    });
  },
);

suite(
  "edge listener: CORS without ALLOWED_ORIGINS",
  {},
  async (server, step) => {
    await step("any page may read without credentials", async () => {
      const { headers } = await exchange(
        server.address("edge"),
        requestHead("/http", { Host: HOST, Origin: "https://any.example" }),
      );
      assertEquals(headers.get("access-control-allow-origin"), "*");
      assertEquals(headers.get("access-control-allow-credentials"), null);
    });
  },
);

for (const allowed of ["*", "https://app.example"]) {
  const adminEnv = { ADMIN_TOKEN: "operator", ALLOWED_ORIGINS: allowed };
  suite(
    `edge listener: /sessions and pages with ALLOWED_ORIGINS=${allowed}`,
    adminEnv,
    async (server, step) => {
      const ask = (
        path: string,
        method: string,
        fields: Record<string, string>,
      ) =>
        exchange(
          server.address("edge"),
          requestHead(path, {
            Host: HOST,
            Authorization: "Bearer operator",
            ...fields,
          }, method),
        );

      await step("a program without an Origin may call", async () => {
        assertEquals((await ask("/sessions", "GET", {})).status, 200);
      });

      await step(
        "a page of an unlisted origin gets 403, also from this host's name",
        async () => {
          for (
            const Origin of ["https://evil.example", `http://${HOST}`, "null"]
          ) {
            for (const method of ["GET", "OPTIONS"]) {
              const { status, headers } = await ask("/sessions", method, {
                Origin,
                "Access-Control-Request-Method": "GET",
              });
              assertEquals(status, 403, `${method} from ${Origin}`);
              assertEquals(headers.get("access-control-allow-origin"), null);
            }
            assertEquals(
              (await ask("/sessions/none", "DELETE", { Origin })).status,
              403,
            );
          }
        },
      );

      await step(
        "a page of a listed origin may call",
        async () => {
          const { status } = await ask("/sessions", "GET", {
            Origin: "https://app.example",
          });
          assertEquals(status, allowed === "*" ? 403 : 200);
        },
      );
    },
  );
}
