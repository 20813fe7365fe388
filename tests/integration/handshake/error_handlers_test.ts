import { assertEquals, assertMatch } from "@std/assert";
import { AddressLimiter } from "../../../lib/limits/address/address_limiter.ts";
import { AddressRate } from "../../../lib/limits/address/address_rate.ts";
import type {
  ErrorHandler,
  ErrorHandlers,
} from "../../../lib/listener/refusal.ts";
import type { Service } from "../../../lib/listener/service.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { type Fields, handshake } from "../support/wire.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

const replace: ErrorHandler = (request, { status }, { listener }) => {
  const { pathname } = new URL(request.url);
  const body = `${listener} ${request.method} ${pathname} ${status}`;
  return new Response(body, { status });
};

const later: ErrorHandler = async (request, error, info) => {
  await Promise.resolve();
  return replace(request, error, info);
};

const ERRORS: ErrorHandlers = Object.fromEntries(
  [400, 403, 404, 405, 426, 429, 500, 503].map((status, index) => [
    status,
    index % 2 === 0 ? replace : later,
  ]),
);

function start(changes: Partial<Service> = {}) {
  return listenBoth(serviceOf({
    router: new Router({
      "/ws": { frame() {} },
      "/fails": {
        handshake() {
          throw new Error("a fault of the test");
        },
        frame() {},
      },
    }),
    allowedOrigins: new Set(["http://a.test"]),
    errors: ERRORS,
    ...changes,
  }));
}

interface Case {
  readonly status: number;
  readonly path: string;
  readonly method?: string;
  readonly fields?: Fields;
  /** A field that the status requires. */
  readonly field?: readonly [name: string, value: RegExp];
  readonly service?: () => Partial<Service>;
}

const CASES: readonly Case[] = [
  { status: 404, path: "/none" },
  {
    status: 405,
    path: "/ws",
    method: "POST",
    field: ["allow", /^GET$/],
  },
  { status: 403, path: "/ws", fields: { Origin: "http://b.test" } },
  {
    status: 426,
    path: "/ws",
    fields: { "Sec-WebSocket-Version": "8" },
    field: ["sec-websocket-version", /^13$/],
  },
  { status: 400, path: "/ws", fields: { "Sec-WebSocket-Key": "short" } },
  { status: 500, path: "/fails" },
  {
    status: 503,
    path: "/ws",
    field: ["retry-after", /^\d+$/],
    service() {
      const sessions = new Sessions(1);
      sessions.reserve();
      return { sessions };
    },
  },
];

for (const { name } of LISTENERS) {
  for (
    const { status, path, method = "GET", fields = {}, field, service } of CASES
  ) {
    testWith(
      NEEDS,
      `${name} listener: an error handler replaces the ${status} of ${method} ${path}`,
      async () => {
        const changes = service?.() ?? {};
        await using server = start(changes);
        using rawClient = await RawClient.connect(
          server.address[name],
          handshake(path, fields, method),
        );
        const response = await rawClient.response();
        assertEquals(response.status, status);
        assertEquals(response.body, `${name} ${method} ${path} ${status}`);
        if (field !== undefined) {
          assertMatch(response.headers.get(field[0]) ?? "", field[1]);
        }
        changes.sessions?.release();
      },
    );
  }

  testWith(
    NEEDS,
    `${name} listener: an error handler replaces the 429 of the address limiter`,
    async () => {
      await using server = start({
        addressLimiter: new AddressLimiter({
          slots: undefined,
          rate: new AddressRate(1),
          trustedProxies: 1,
        }),
      });
      const fields = { "X-Forwarded-For": "192.0.2.1" };
      const ask = async () => {
        using rawClient = await RawClient.connect(
          server.address[name],
          handshake("/ws", fields),
        );
        return await rawClient.response();
      };
      let response = await ask();
      while (response.status === 101) response = await ask();
      assertEquals(response.body, `${name} GET /ws 429`);
      assertMatch(response.headers.get("retry-after") ?? "", /^\d+$/);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: the client gets the default if an error handler fails`,
    async () => {
      await using server = start({
        errors: { 404: () => Promise.reject(new Error("a fault of the test")) },
      });
      using rawClient = await RawClient.connect(
        server.address[name],
        handshake("/none"),
      );
      const { status, body } = await rawClient.response();
      assertEquals(status, 404);
      assertMatch(body, /^There is nothing at this path/);
    },
  );
}

for (const { name } of LISTENERS) {
  testWith(
    NEEDS,
    `${name} listener: an error handler and a handshake may redirect`,
    async () => {
      const redirect = () => Response.redirect("http://a.test/", 307);
      await using server = listenBoth(serviceOf({
        router: new Router({ "/ws": { handshake: redirect, frame() {} } }),
        errors: { 404: redirect },
      }));
      for (const path of ["/ws", "/none"]) {
        using rawClient = await RawClient.connect(
          server.address[name],
          handshake(path),
        );
        const { status, headers } = await rawClient.response();
        assertEquals(status, 307);
        assertEquals(headers.get("location"), "http://a.test/");
        assertEquals(headers.get("x-content-type-options"), "nosniff");
      }
    },
  );
}

testWith(
  NEEDS,
  "frame listener: a head that cannot be parsed gets the default",
  async () => {
    await using server = start();
    using rawClient = await RawClient.connect(
      server.address.frame,
      "GET\r\n\r\n",
    );
    const { status, body } = await rawClient.response();
    assertEquals(status, 400);
    assertMatch(body, /^[A-Z]/);
  },
);
