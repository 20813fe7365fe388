import { assert, assertEquals } from "@std/assert";
import { echo } from "../../../handlers/echo/echo.ts";
import type { EdgeContext } from "../../../lib/edge/context.ts";
import { RefusedAddresses } from "../../../lib/edge/refused_addresses.ts";
import { answerRequest } from "../../../lib/edge/request.ts";
import { Router } from "../../../lib/routing/router.ts";
import { RequestTurns } from "../../../lib/scheduling/request_turns.ts";
import { serviceOf } from "../../service.ts";

Deno.test("RefusedAddresses.has() is true for ten seconds", () => {
  let now = 0;
  const addresses = new RefusedAddresses(() => now);
  addresses.add("127.0.0.1");
  now = 9_999;
  assert(addresses.has("127.0.0.1"));
  assert(!addresses.has("127.0.0.2"));
  now = 10_000;
  assert(!addresses.has("127.0.0.1"));
});

Deno.test("RefusedAddresses.add() forgets the address that was added first", () => {
  const addresses = new RefusedAddresses(() => 0);
  for (let i = 0; i < 1024; i++) addresses.add(`address ${i}`);
  addresses.add("address 0");
  addresses.add("address 1024");
  assert(addresses.has("address 0"));
  assert(!addresses.has("address 1"));
  assert(addresses.has("address 2"));
});

Deno.test("edge listener: a handshake of a refused address gets a 429 with Retry-After", async () => {
  const refusedAddresses = new RefusedAddresses();
  refusedAddresses.add("127.0.0.1");
  const service = serviceOf({ router: new Router({ "/ws": echo }) });
  const response = await answerRequest(
    {
      service,
      refusedAddresses,
      requestTurns: new RequestTurns(),
    } as EdgeContext,
    new Request("http://localhost/ws", {
      headers: {
        host: "localhost",
        connection: "Upgrade",
        upgrade: "websocket",
      },
    }),
    { transport: "tcp", hostname: "127.0.0.1", port: 1 },
  );
  assertEquals(response.status, 429);
  assertEquals(response.headers.get("retry-after"), "10");
});
