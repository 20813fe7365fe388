import { LeakedSockets } from "../../../lib/runtime/leaked_sockets.ts";
import { within } from "../../integration/support/within.ts";

Deno.test("LeakedSockets.hold() releases when the socket is garbage, without other work", async () => {
  const leakedSockets = new LeakedSockets();
  const { promise, resolve } = Promise.withResolvers<void>();
  // Only this call refers to the object.
  leakedSockets.hold({} as WebSocket, resolve);
  await within(promise, "the collection of the socket");
  leakedSockets.clear();
});
