import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  type Admission,
  admit,
  type Candidate,
} from "../../../lib/listener/admission.ts";
import type { Service } from "../../../lib/listener/service.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import type {
  HandshakeInfo,
  WebSocketHandler,
} from "../../../lib/websocket.ts";
import { LogCapture, REMOTE_ADDR } from "../../handlers/fakes.ts";
import { serviceOf as defaultService } from "../../service.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A service with one connection slot. */
function serviceOf(changes: Partial<Service> = {}): Service {
  return defaultService({ sessions: new Sessions(1), ...changes });
}

/** A valid handshake with additional fields. */
function candidateOf(fields: Record<string, string> = {}): Candidate {
  const headers = new Headers({
    "host": "localhost:8000",
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": KEY,
    ...fields,
  });
  const request = new Request("http://localhost:8000/ws?q=1", { headers });
  return {
    request,
    hasQuery: true,
    target: "/ws?q=1",
    head: { method: "GET", headers },
    remoteAddr: REMOTE_ADDR,
    params: {},
    listener: "frame",
    requestHead: "GET /ws?q=1 HTTP/1.1\r\n\r\n",
  };
}

/** A handler that counts the calls of its handshake. */
function handlerOf(
  handshake: NonNullable<WebSocketHandler["handshake"]>,
): WebSocketHandler & { readonly calls: number } {
  return {
    calls: 0,
    frame() {},
    handshake(request, info) {
      (this as { calls: number }).calls++;
      return handshake(request, info);
    },
  } as WebSocketHandler & { readonly calls: number };
}

const PLAIN: WebSocketHandler = { frame() {} };

function responseOf(admission: Admission): Response {
  if (admission.accepted) throw new Error("the handshake was accepted");
  const { response } = admission;
  if (response instanceof Promise) throw new Error("the answer is a promise");
  return response;
}

Deno.test("admit() accepts a handshake when the handler has no `handshake`", () => {
  assertEquals(admit(serviceOf(), PLAIN, candidateOf()), {
    accepted: true,
    key: KEY,
    protocol: "",
    extras: {},
  });
});

Deno.test("admit() reserves a slot for an accepted handshake", () => {
  const service = serviceOf();
  admit(service, PLAIN, candidateOf());
  assertEquals(service.sessions.size, 1);
});

Deno.test("admit() chooses one of the handler's subprotocols", () => {
  const handler = { ...PLAIN, subprotocols: ["echo", "chat"] };
  const candidate = candidateOf({ "sec-websocket-protocol": "x,chat,echo" });
  assertEquals(admit(serviceOf(), handler, candidate), {
    accepted: true,
    key: KEY,
    protocol: "echo",
    extras: {},
  });
});

Deno.test("admit() warns when no offered subprotocol is supported", () => {
  using log = new LogCapture("INFO");
  const handler = { ...PLAIN, subprotocols: ["echo"] };
  const candidate = candidateOf({ "sec-websocket-protocol": "x,y" });
  admit(serviceOf(), handler, candidate);
  assertEquals(log.lines, [
    "WARN httpd_ws: No offered subprotocol is supported: x, y",
  ]);
});

Deno.test("admit() logs no token that is offered as a subprotocol", () => {
  for (
    const [offer, shown] of [
      ["chat,bearer.c2VjcmV0", "chat, ***"],
      ["chat,access_token,c2VjcmV0", "chat, ***, ***"],
      [`${"c2VjcmV0".repeat(6)},chat`, "***, ***"],
    ] as const
  ) {
    using log = new LogCapture("DEBUG");
    const handler = { ...PLAIN, subprotocols: ["echo"] };
    admit(
      serviceOf(),
      handler,
      candidateOf({ "sec-websocket-protocol": offer }),
    );
    assertEquals(log.lines, [
      `WARN httpd_ws: No offered subprotocol is supported: ${shown}`,
    ]);
  }
});

for (const [what, offer] of [["matches", "echo"], ["is offered", ""]]) {
  Deno.test(`admit() does not warn when ${offer ? "a" : "no"} subprotocol ${what}`, () => {
    using log = new LogCapture("DEBUG");
    const handler = { ...PLAIN, subprotocols: ["echo"] };
    admit(
      serviceOf(),
      handler,
      candidateOf(offer ? { "sec-websocket-protocol": offer } : {}),
    );
    assertEquals(log.lines, []);
  });
}

Deno.test("admit() refuses an invalid handshake", async () => {
  const service = serviceOf();
  const handler = handlerOf(() => {});
  const candidate = candidateOf({ "sec-websocket-version": "8" });
  const response = responseOf(await admit(service, handler, candidate));
  assertEquals(response.status, 426);
  assertEquals(response.headers.get("sec-websocket-version"), "13");
  assertEquals(handler.calls, 0);
  assertEquals(service.sessions.size, 0);
});

Deno.test("admit() refuses an origin that is not allowed", async () => {
  const service = serviceOf({ allowedOrigins: new Set(["https://a.test"]) });
  const handler = handlerOf(() => {});
  const candidate = candidateOf({ origin: "https://b.test" });
  const response = responseOf(await admit(service, handler, candidate));
  assertEquals(response.status, 403);
  assertEquals(handler.calls, 0);
});

Deno.test("admit() refuses with 503 while the service is draining", async () => {
  const service = serviceOf({ draining: true });
  const handler = handlerOf(() => {});
  const response = responseOf(await admit(service, handler, candidateOf()));
  assertEquals(response.status, 503);
  assertEquals(response.headers.get("retry-after"), "5");
  assertEquals(await response.text(), "The server is shutting down.\n");
  assertEquals(handler.calls, 0);
  assertEquals(service.sessions.size, 0);
});

Deno.test("admit() refuses with 503 when no slot is free", async () => {
  const service = serviceOf();
  const handler = handlerOf(() => {});
  admit(service, PLAIN, candidateOf());
  const response = responseOf(await admit(service, handler, candidateOf()));
  assertEquals(response.status, 503);
  assertEquals(response.headers.get("retry-after"), "5");
  assertEquals(await response.text(), "The server has no free connection.\n");
  assertEquals(handler.calls, 0);
  assertEquals(service.sessions.size, 1);
});

Deno.test("admit() passes the request and the handshake info to the handler", () => {
  const candidate = candidateOf({ "sec-websocket-protocol": "echo" });
  let given: { request: Request; info: HandshakeInfo } | undefined;
  const handler = {
    ...handlerOf((request, info) => void (given = { request, info })),
    subprotocols: ["echo"],
  };
  admit(serviceOf(), handler, candidate);
  assert(given?.request === candidate.request);
  assertEquals(given?.info, {
    listener: "frame",
    remoteAddr: REMOTE_ADDR,
    params: {},
    protocol: "echo",
    requestHead: candidate.requestHead,
  });
});

for (const hasQuery of [true, false]) {
  Deno.test(`admit() ${hasQuery ? "calls" : "does not call"} a handler of queries when the request has ${hasQuery ? "a" : "no"} query`, () => {
    const handler = { ...handlerOf(() => {}), handshakes: "query" } as const;
    let read = false;
    const candidate = { ...candidateOf(), hasQuery };
    const { request } = candidate;
    const admission = admit(serviceOf(), handler, {
      ...candidate,
      get request() {
        read = true;
        return request;
      },
    });
    assert((admission as Admission).accepted);
    assertEquals(read, hasQuery);
  });
}

Deno.test("admit() returns no promise when the handler returns none", () => {
  assertFalse(
    admit(serviceOf(), handlerOf(() => {}), candidateOf()) instanceof Promise,
  );
});

Deno.test("admit() returns a promise when the handler returns one", async () => {
  const handler = handlerOf(() => Promise.resolve());
  const admission = admit(serviceOf(), handler, candidateOf());
  assertInstanceOf(admission, Promise);
  await admission;
});

const EXTRAS = { headers: { "x-extra": "1" }, state: { count: 0 } };

/** The same result, returned at once and by a promise. */
function bothWays<T>(value: T): (readonly [string, () => T | Promise<T>])[] {
  return [
    ["at once", () => value],
    ["by a promise", () => Promise.resolve(value)],
  ];
}

for (const [when, handshake] of bothWays(undefined)) {
  Deno.test(`admit() accepts when the handler returns nothing ${when}`, async () => {
    const service = serviceOf();
    const handler = handlerOf(handshake);
    assertEquals(await admit(service, handler, candidateOf()), {
      accepted: true,
      key: KEY,
      protocol: "",
      extras: {},
    });
    assertEquals(service.sessions.size, 1);
  });
}

for (const [when, handshake] of bothWays(EXTRAS)) {
  Deno.test(`admit() passes on the extras that the handler returns ${when}`, async () => {
    const service = serviceOf();
    const admission = await admit(service, handlerOf(handshake), candidateOf());
    if (!admission.accepted) throw new Error("the handshake was refused");
    assertEquals(admission.extras.state, EXTRAS.state);
    assertEquals(
      [...new Headers(admission.extras.headers)],
      [...new Headers(EXTRAS.headers)],
    );
    assertEquals(service.sessions.size, 1);
  });
}

for (const protocol of ["chat", "never-offered", ""]) {
  for (const [when, handshake] of bothWays({ protocol })) {
    Deno.test(`admit() answers with the subprotocol "${protocol}" that the handler returns ${when}`, async () => {
      const handler = { ...handlerOf(handshake), subprotocols: ["echo"] };
      const candidate = candidateOf({ "sec-websocket-protocol": "echo,chat" });
      const admission = await admit(serviceOf(), handler, candidate);
      if (!admission.accepted) throw new Error("the handshake was refused");
      assertEquals(admission.protocol, protocol);
    });
  }
}

for (const result of [false, null, 0, "no"]) {
  Deno.test(`admit() refuses with 500 when the handler returns ${JSON.stringify(result)}`, () => {
    using log = new LogCapture("ERROR");
    const service = serviceOf();
    const handler = { ...PLAIN, handshake: () => result as unknown as void };
    const admission = admit(service, handler, candidateOf()) as Admission;
    assertEquals(responseOf(admission).status, 500);
    assertEquals(service.sessions.size, 0);
    assertStringIncludes(log.lines.join("\n"), "the result of handshake() is");
  });
}

Deno.test("admit() refuses with 500 and releases the slot when the handler returns an invalid subprotocol", async () => {
  const service = serviceOf();
  const handler = handlerOf(() => ({ protocol: "a\r\nb" }));
  const admission = await admit(service, handler, candidateOf());
  assertEquals(responseOf(admission).status, 500);
  assertEquals(service.sessions.size, 0);
});

const UNSENDABLE = { headers: { "x-two": "lines\r\nof text" } };

for (const [when, handshake] of bothWays(UNSENDABLE)) {
  Deno.test(`admit() refuses with 500 and releases the slot when the handler returns invalid fields ${when}`, async () => {
    const service = serviceOf();
    const admission = await admit(service, handlerOf(handshake), candidateOf());
    assertEquals(responseOf(admission).status, 500);
    assertEquals(service.sessions.size, 0);
  });
}

const TEAPOT = new Response(null, { status: 418 });

for (const [when, handshake] of bothWays(TEAPOT)) {
  Deno.test(`admit() refuses with the response that the handler returns ${when}`, async () => {
    const service = serviceOf();
    const admission = await admit(service, handlerOf(handshake), candidateOf());
    assert(responseOf(admission) === TEAPOT);
    assertEquals(service.sessions.size, 0);
  });
}

for (
  const [what, handshake] of [
    ["throws", () => {
      throw new Error("database password");
    }],
    ["rejects", () => Promise.reject(new Error("database password"))],
  ] as const
) {
  Deno.test(`admit() refuses with 500 and logs the error when the handler ${what}`, async () => {
    using log = new LogCapture("WARN");
    const service = serviceOf();
    const admission = await admit(service, handlerOf(handshake), candidateOf());
    const response = responseOf(admission);
    assertEquals(response.status, 500);
    assertEquals(
      await response.text(),
      "The server failed to answer this request.\n",
    );
    assertEquals(log.lines.length, 1);
    assertMatch(
      log.lines[0],
      /^ERROR httpd_ws: handshake\(\) failed: Error: database password/,
    );
    assertEquals(service.sessions.size, 0);
  });
}

const REFUSED = new RefusedError({
  status: 429,
  message: "Too many.",
  headers: { "retry-after": "5" },
});

/** An error handler that must not be called. */
const REPLACED = { 429: () => new Response("replaced", { status: 429 }) };

for (
  const [what, handshake] of [
    ["throws", () => {
      throw REFUSED;
    }],
    ["rejects with", () => Promise.reject(REFUSED)],
  ] as const
) {
  Deno.test(`admit() sends and logs the response of a RefusedError that the handler ${what}`, async () => {
    using log = new LogCapture("INFO");
    const service = serviceOf({ errors: REPLACED });
    const admission = await admit(service, handlerOf(handshake), candidateOf());
    const response = responseOf(admission);
    assertEquals(response.status, 429);
    assertEquals(response.headers.get("retry-after"), "5");
    assertEquals(await response.text(), "Too many.\n");
    assertEquals(log.lines.length, 1);
    assertMatch(log.lines[0], /^INFO httpd: Refused with 429: Too many\./);
    assertEquals(service.sessions.size, 0);
  });
}

Deno.test("admit() sends and logs the response of a RefusedError that checkQuery throws", async () => {
  using log = new LogCapture("INFO");
  const handler: WebSocketHandler = {
    frame() {},
    checkQuery() {
      throw REFUSED;
    },
  };
  const candidate = candidateOf();
  (candidate.head.headers as Headers).delete("upgrade");
  const admission = await admit(serviceOf(), handler, candidate);
  assertEquals(await responseOf(admission).text(), "Too many.\n");
  assertEquals(log.lines.length, 1);
  assertMatch(log.lines[0], /^INFO httpd: Refused with 429: Too many\./);
});

Deno.test("admit() holds the slot while the handler decides", async () => {
  const service = serviceOf();
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = admit(service, handlerOf(() => promise), candidateOf());
  const second = await admit(service, PLAIN, candidateOf());
  assertEquals(responseOf(second).status, 503);
  resolve();
  assert((await first).accepted);
});

Deno.test("admit() refuses with 503 when a shutdown begins while the handler decides", async () => {
  const service = serviceOf();
  const { promise, resolve } = Promise.withResolvers<void>();
  const admission = admit(service, handlerOf(() => promise), candidateOf());
  service.draining = true;
  resolve();
  assertEquals(responseOf(await admission).status, 503);
  assertEquals(service.sessions.size, 0);
});

Deno.test("admit() refuses as JSON when the client prefers that", async () => {
  const candidate = candidateOf({ accept: "application/json" });
  const service = serviceOf({ draining: true });
  const response = responseOf(await admit(service, PLAIN, candidate));
  assertEquals(await response.json(), {
    status: 503,
    error: "Service Unavailable",
    message: "The server is shutting down.",
  });
});

for (const name of ["tap", "takeOver"]) {
  Deno.test(`admit() refuses a handshake of the edge listener that returns ${name} with 500`, async () => {
    const service = serviceOf();
    const handler = handlerOf(() => ({ [name]: () => {} }));
    const candidate = { ...candidateOf(), listener: "edge" } as const;
    const admission = await admit(service, handler, candidate);
    if (admission.accepted) throw new Error("the handshake is accepted");
    assertEquals((await admission.response).status, 500);
    assertEquals(service.sessions.size, 0);
  });
}
