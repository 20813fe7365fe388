import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import type { ScriptContext } from "../../../handlers/script/context.ts";
import { behaviourOnRequest } from "../../../handlers/script/on_request.ts";
import { ScriptHandler } from "../../../handlers/script/script_handler.ts";
import type { HandshakeExtras, ListenerName } from "../../../lib/websocket.ts";
import { HANDSHAKE_INFO } from "../fakes.ts";

const EDGE = { name: "edge", port: 8000 } as const;
const FRAME = { name: "frame", port: 8001 } as const;

/** Runs the handshake of an address. */
function shake(
  address: string,
  listener: ListenerName = "edge",
  listeners: ReturnType<ScriptContext["listeners"]> = [EDGE, FRAME],
) {
  const { handshake } = behaviourOnRequest(() => {}, {
    sendBufferLimit: 1024,
    listeners: () => listeners,
  });
  return handshake(new Request(address), { ...HANDSHAKE_INFO, listener });
}

/** Returns the message of a 400. */
async function fault(result: ReturnType<typeof shake>): Promise<string> {
  assertInstanceOf(result, Response);
  const { status } = result as Response;
  assertEquals(status, 400);
  return await (result as Response).text();
}

for (const address of ["http://a.b/ws", "http://a.b/ws?", "http://a.b/ws?#x"]) {
  Deno.test(`behaviourOnRequest() keeps the route's handler for ${address}`, () => {
    assertEquals(shake(address), undefined);
  });
}

Deno.test("behaviourOnRequest() makes one handler per connection", () => {
  const extras = shake("http://a.b/ws?delay=5") as HandshakeExtras;
  assert(extras.handler instanceof ScriptHandler);
  assertEquals(Object.keys(extras), ["handler"]);
  const other = shake("http://a.b/ws?delay=5") as HandshakeExtras;
  assert(extras.handler !== other.handler);
});

Deno.test("behaviourOnRequest() sets the subprotocol and turns compression off", () => {
  const query = "subprotocol=mqtt&compression=off";
  const { protocol, compression } = shake(
    `http://a.b/ws?${query}`,
  ) as HandshakeExtras;
  assertEquals([protocol, compression], ["mqtt", false]);
});

Deno.test("behaviourOnRequest() refuses with the requested status", () => {
  const result = shake("http://a.b/ws?reject=418&hello=x");
  assertEquals((result as Response).status, 418);
});

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`behaviourOnRequest() with reject=${status} redirects to the address without reject`, () => {
    const address = `http://a.b/ws?reject=${status}&hello=a+b`;
    const { status: actual, headers } = shake(address) as Response;
    assertEquals(actual, status);
    assertEquals(headers.get("location"), "/ws?hello=a+b");
  });
}

Deno.test("behaviourOnRequest() refuses an invalid parameter with 400 in spite of reject", async () => {
  const message = await fault(shake("http://a.b/ws?reject=503&delay=x"));
  assertEquals(message, "delay=x is not valid; allowed: 0 to 3600000 ms.\n");
});

for (
  const [address, there] of [
    ["http://a.b:8000/ws?ping=50", "ws://a.b:8001/ws"],
    ["http://[::1]:8000/ws?ping=50", "ws://[::1]:8001/ws"],
    ["https://a.b/ws?ping=50", "wss://a.b:8001/ws"],
  ] as const
) {
  Deno.test(`behaviourOnRequest() names ${there} in the refusal of ${address}`, async () => {
    assertEquals(
      await fault(shake(address)),
      `ping=50 works on the frame listener only, at ${there}.\n`,
    );
  });
}

Deno.test("behaviourOnRequest() says that the frame listener does not run", async () => {
  assertEquals(
    await fault(shake("http://a.b/ws?stall=1", "edge", [EDGE])),
    "stall=1 works on the frame listener only, which does not run here.\n",
  );
});
