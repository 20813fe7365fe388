import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { limitMessages } from "../../../lib/limits/message_rate.ts";
import { NO_OBSERVER } from "../../../lib/observer.ts";
import type { LimitName } from "../../../lib/observer.ts";
import type {
  AnyWebSocketHandler,
  HttpHandler,
  HttpRoute,
  Routes,
} from "../../../lib/routing/router.ts";
import type { Frame, HandshakeExtras } from "../../../lib/websocket.ts";
import { FakeConnection, FakeFrame } from "../../../lib/testing/mod.ts";
import { FakeTime } from "../../handlers/fake_time.ts";
import { HANDSHAKE_INFO } from "../../handlers/fakes.ts";

/** A handler that records payloads. */
class TextRecorder {
  readonly #texts: string[] = [];
  readonly subprotocols = ["keep"];

  get texts(): readonly string[] {
    return this.#texts;
  }

  frame(_connection: unknown, frame: Frame): void {
    this.#texts.push(frame.text());
  }

  open(): void {
    this.#texts.push("open");
  }
}

function limited(rate: number) {
  const keeper = new TextRecorder();
  const limits: string[] = [];
  const observer = {
    ...NO_OBSERVER,
    limited: (limit: LimitName, listener: string) =>
      void limits.push(`${limit} ${listener}`),
  };
  const routes: Routes = {
    "/keep": keeper,
    "/http": { GET: () => new Response() },
  };
  const map = limitMessages(routes, rate, observer);
  return {
    keeper,
    limits,
    routes,
    map,
    handler: map["/keep"] as AnyWebSocketHandler,
  };
}

const text = (payload: string, options = {}) =>
  new FakeFrame("text", payload, options);

Deno.test("limitMessages() returns the routes unchanged for rate 0", () => {
  const { routes, map } = limited(0);
  assert(map === routes);
});

Deno.test("limitMessages() changes only frame of a handler", () => {
  const { handler, keeper, map, routes } = limited(5);
  assertEquals(handler.subprotocols, ["keep"]);
  handler.open!(new FakeConnection());
  assertEquals(keeper.texts, ["open"]);
  assert(map["/http"] === routes["/http"]);
});

Deno.test("limitMessages() keeps the HTTP methods of a mixed route on the frame listener", () => {
  const GET: HttpHandler = Object.assign(() => new Response(), {
    isOnFrameListener: true,
  });
  const map = limitMessages({ "/": { frame() {}, GET } }, 5, NO_OBSERVER);
  assertEquals((map["/"] as HttpRoute).GET?.isOnFrameListener, true);
});

Deno.test("limitMessages() delivers the messages of one second at once", () => {
  using _time = new FakeTime();
  const { handler, keeper } = limited(3);
  const connection = new FakeConnection();
  for (const payload of ["1", "2", "3"]) {
    assertEquals(handler.frame(connection, text(payload)), undefined);
  }
  assertEquals(keeper.texts, ["1", "2", "3"]);
});

Deno.test("limitMessages() delays messages above the rate on the frame listener", async () => {
  using time = new FakeTime();
  const { handler, keeper, limits } = limited(50);
  const connection = new FakeConnection();
  for (let i = 0; i < 50; i++) handler.frame(connection, text(`${i}`));
  const later = handler.frame(connection, text("last"));
  assertInstanceOf(later, Promise);
  time.pass(19);
  assertEquals(keeper.texts.length, 50);
  time.pass(2);
  await later;
  assertEquals(keeper.texts.at(-1), "last");
  assertEquals([connection.sent, limits], [[], []]);
});

Deno.test("limitMessages() drops a delayed message of a connection that is closed", async () => {
  using time = new FakeTime();
  const { handler, keeper } = limited(1);
  const connection = new FakeConnection();
  handler.frame(connection, text("1"));
  const later = handler.frame(connection, text("2"));
  connection.close();
  time.pass(1001);
  await later;
  assertEquals(keeper.texts, ["1"]);
});

Deno.test("limitMessages() closes with 1008 above the rate on the edge listener", () => {
  using _time = new FakeTime();
  const { handler, keeper, limits } = limited(2);
  const connection = new FakeConnection({ listener: "edge" });
  for (const payload of ["1", "2", "3"]) {
    assertEquals(handler.frame(connection, text(payload)), undefined);
  }
  assertEquals(keeper.texts, ["1", "2"]);
  assertEquals(limits, ["MESSAGE_RATE edge"]);
  assertEquals(connection.isOpen, false);
  assertEquals(connection.sent[0]!.payload.toHex().slice(0, 4), "03f0");
});

Deno.test("limitMessages() gives each connection its own rate", () => {
  const { handler, keeper } = limited(1);
  for (const payload of ["1", "2", "3"]) {
    handler.frame(new FakeConnection({ listener: "edge" }), text(payload));
  }
  assertEquals(keeper.texts, ["1", "2", "3"]);
});

Deno.test("limitMessages() counts a fragmented message once", () => {
  const { handler, keeper } = limited(1);
  const connection = new FakeConnection();
  for (let i = 0; i < 10; i++) {
    assertEquals(
      handler.frame(connection, text("part", { final: false })),
      undefined,
    );
  }
  assertEquals(
    handler.frame(connection, new FakeFrame("continuation", "end")),
    undefined,
  );
  assertEquals(keeper.texts.length, 11);
});

Deno.test("limitMessages() counts no control frames between data messages", () => {
  for (const listener of ["edge", "frame"] as const) {
    const { handler, keeper, limits } = limited(1);
    const connection = new FakeConnection({ listener });
    for (const opcode of ["ping", "pong", "ping"] as const) {
      assertEquals(
        handler.frame(connection, new FakeFrame(opcode, opcode)),
        undefined,
      );
    }
    handler.frame(connection, text("data"));
    handler.frame(connection, new FakeFrame("pong", "late"));
    assertEquals(keeper.texts, ["ping", "pong", "ping", "data", "late"]);
    assertEquals([connection.isOpen, limits.length], [true, 0]);
  }
});

Deno.test("limitMessages() does not delay CLOSE", () => {
  const { handler, keeper } = limited(1);
  const connection = new FakeConnection();
  handler.frame(connection, text("1"));
  assertEquals(
    handler.frame(connection, new FakeFrame("close", "")),
    undefined,
  );
  assertEquals(keeper.texts.length, 2);
});

for (const when of ["at once", "later"]) {
  Deno.test(`limitMessages() limits the handler that a handshake selects ${when}`, async () => {
    const keeper = new TextRecorder();
    const extras = { handler: keeper, state: 1 };
    const routes: Routes = {
      "/": {
        handshake: () => when === "later" ? Promise.resolve(extras) : extras,
        frame() {},
      },
    };
    const limits: string[] = [];
    const map = limitMessages(routes, 1, {
      ...NO_OBSERVER,
      limited: (limit) => void limits.push(limit),
    });
    const route = map["/"] as AnyWebSocketHandler;
    const request = new Request("http://localhost/");
    const result = await route.handshake!(request, HANDSHAKE_INFO);
    const { handler, state } = result as HandshakeExtras;
    assertEquals(state, 1);
    const connection = new FakeConnection({ listener: "edge" });
    handler!.frame(connection, text("1"));
    handler!.frame(connection, text("2"));
    assertEquals([keeper.texts, limits], [["1"], ["MESSAGE_RATE"]]);
  });
}

Deno.test("limitMessages() returns the result of a handshake", async () => {
  for (const result of [undefined, new Response(null, { status: 403 })]) {
    const routes: Routes = { "/": { handshake: () => result, frame() {} } };
    const map = limitMessages(routes, 1, NO_OBSERVER);
    const route = map["/"] as AnyWebSocketHandler;
    const request = new Request("http://localhost/");
    assertEquals(await route.handshake!(request, HANDSHAKE_INFO), result);
  }
});
