import { assertEquals, assertThrows } from "@std/assert";
import { listenAgain } from "../../../lib/runtime/listen_again.ts";
import { testWith } from "../../permissions.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("listenAgain() tries until the port is free", async () => {
  let attempts = 0;
  const listen = () => {
    if (++attempts < 4) throw new Deno.errors.AddrInUse();
    return "listener";
  };
  assertEquals(await listenAgain(listen, () => true), "listener");
  assertEquals(attempts, 4);
});

Deno.test("listenAgain() ends the attempts when they are not wanted any more", async () => {
  let attempts = 0;
  const listen = () => {
    attempts++;
    throw new Deno.errors.AddrInUse();
  };
  assertEquals(await listenAgain(listen, () => attempts < 3), undefined);
  assertEquals(attempts, 3);
});

// When this fails, listen_again.ts can be removed.
testWith(
  { net: true },
  "runtime still holds the port after the call of shutdown()",
  async () => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(),
    );
    const { hostname, port } = server.addr;
    const ended = server.shutdown();
    assertThrows(
      () => Deno.listen({ hostname, port }),
      Deno.errors.AddrInUse,
    );
    await ended;
  },
);
