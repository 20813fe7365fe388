import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { AbortedRequests } from "../../../lib/edge/aborted_requests.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { handshake } from "../../integration/support/wire.ts";
import {
  eventually,
  repeated,
  within,
} from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const CLIENT = "192.0.2.1";

/** A handshake whose client can disconnect. */
function handshakeRequest(): { request: Request; disconnect: () => void } {
  const client = new AbortController();
  const request = new Request("http://127.0.0.1/", { signal: client.signal });
  return { request, disconnect: () => client.abort() };
}

Deno.test("AbortedRequests.isAborted() is false when the client stays connected", async () => {
  const { request } = handshakeRequest();
  assertEquals(await new AbortedRequests().isAborted(request), false);
});

Deno.test("AbortedRequests.isAborted() is true when the client disconnects meanwhile", async () => {
  const { request, disconnect } = handshakeRequest();
  const isAborted = new AbortedRequests().isAborted(request);
  disconnect();
  assertEquals(await isAborted, true);
});

Deno.test("AbortedRequests.isAborted() is true when the signal aborts one turn later", async () => {
  const { request, disconnect } = handshakeRequest();
  const isAborted = new AbortedRequests().isAborted(request);
  // Runs after the immediate that isAborted() has set.
  setImmediate(disconnect);
  assertEquals(await isAborted, true);
});

Deno.test(
  "AbortedRequests.mayUpgradeAtOnce() is false for an address until its failed upgrades expire",
  repeated(async () => {
    const abortedRequests = new AbortedRequests(20);
    assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), true);
    abortedRequests.upgradeFailed(CLIENT);
    abortedRequests.upgradeFailed(CLIENT);
    assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), false);
    assertEquals(abortedRequests.mayUpgradeAtOnce("192.0.2.2"), true);
    await eventually(
      () =>
        Promise.resolve(abortedRequests.mayUpgradeAtOnce(CLIENT) || undefined),
      "the expiry of the failures",
    );
  }),
);

Deno.test("AbortedRequests.clear() forgets failures and stops the timer", () => {
  const abortedRequests = new AbortedRequests();
  abortedRequests.upgradeFailed(CLIENT);
  abortedRequests.clear();
  assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), true);
});

// When this fails, aborted_requests.ts can be removed: the runtime refuses the upgrade.
testWith(
  { net: true },
  "runtime still upgrades a request whose client has disconnected",
  {
    // The runtime leaks the connection, and its shutdown waits for it.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const received = Promise.withResolvers<void>();
      const upgraded = Promise.withResolvers<number>();
      const server = Deno.serve(
        {
          hostname: "127.0.0.1",
          port: 0,
          onListen: () => {},
          onError: (error) => {
            upgraded.reject(error);
            return new Response(null, { status: 500 });
          },
        },
        async (request) => {
          const aborted = Promise.withResolvers<void>();
          request.signal.addEventListener("abort", () => aborted.resolve());
          received.resolve();
          await aborted.promise;
          const { socket, response } = Deno.upgradeWebSocket(request);
          upgraded.resolve(socket.readyState);
          return response;
        },
      );
      server.unref();
      const client = await RawClient.connect(server.addr, handshake("/"));
      await within(received.promise, "the request");
      client[Symbol.dispose]();
      const state = await within(upgraded.promise, "the upgrade");
      assertEquals(state, WebSocket.CONNECTING);
    },
  },
);
