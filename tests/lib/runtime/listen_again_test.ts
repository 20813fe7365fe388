import { assertEquals } from "@std/assert";
import { listenAgain } from "../../../lib/runtime/listen_again.ts";

Deno.test("listenAgain() tries until the port is free", async () => {
  let attempts = 0;
  const listen = () => {
    if (++attempts < 4) throw new Deno.errors.AddrInUse();
    return "listener";
  };
  assertEquals(await listenAgain(listen, () => true), "listener");
  assertEquals(attempts, 4);
});

Deno.test("listenAgain() gives up when it is told to", async () => {
  let attempts = 0;
  const listen = () => {
    attempts++;
    throw new Deno.errors.AddrInUse();
  };
  assertEquals(await listenAgain(listen, () => attempts < 3), undefined);
  assertEquals(attempts, 3);
});
