import { LeakedSockets } from "../../../lib/runtime/leaked_sockets.ts";
import { within } from "../../integration/support/within.ts";

Deno.test("LeakedSockets.keep() gives back when the socket is garbage, without other work", async () => {
  const kept = new LeakedSockets();
  const { promise, resolve } = Promise.withResolvers<void>();
  // An object like any other, which only this call refers to.
  kept.keep({} as WebSocket, resolve);
  await within(promise, "the collection of the socket");
  kept.clear();
});
