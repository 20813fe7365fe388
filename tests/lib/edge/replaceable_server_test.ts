import { assertEquals } from "@std/assert";
import { ReplaceableServer } from "../../../lib/edge/replaceable_server.ts";
import type { Identity } from "../../../lib/tls/identity.ts";
import { LogCapture } from "../../handlers/fakes.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { serveSockets } from "./runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const DAY = 24 * 60 * 60 * 1000;

function identityOf(cert: string, days: number): Identity {
  return { cert, key: "", expires: new Date(Date.now() + days * DAY) };
}

/** A server that records its starts and ends. */
function recorded(first: Identity) {
  const events: string[] = [];
  const server = new ReplaceableServer((port = 4711, identity) => {
    const name = identity?.cert ?? "plain";
    events.push(`${name} on ${port}`);
    return {
      addr: { transport: "tcp", hostname: "127.0.0.1", port },
      finished: new Promise(() => {}),
      shutdown: () => {
        events.push(`end of ${name}`);
        return Promise.resolve();
      },
    } as Deno.HttpServer<Deno.NetAddr>;
  }, first);
  return { server, events };
}

Deno.test("ReplaceableServer.renew() changes the certificate at once when there is no WebSocket", async () => {
  using _log = new LogCapture("INFO");
  const { server, events } = recorded(identityOf("old", 90));
  server.webSocketStarted();
  server.webSocketEnded();
  server.renew(identityOf("new", 90));
  await server.shutdown();
  assertEquals(events, [
    "old on 4711",
    "end of old",
    "new on 4711",
    "end of new",
  ]);
});

Deno.test("ReplaceableServer.renew() waits for the last WebSocket", async () => {
  using log = new LogCapture("INFO");
  const { server, events } = recorded(identityOf("old", 90));
  server.webSocketStarted();
  server.webSocketStarted();
  server.renew(identityOf("new", 90));
  server.renew(identityOf("newer", 90));
  server.webSocketEnded();
  assertEquals(events, ["old on 4711"]);
  assertEquals(log.lines.length, 2);
  server.webSocketEnded();
  await server.shutdown();
  assertEquals(events, [
    "old on 4711",
    "end of old",
    "newer on 4711",
    "end of newer",
  ]);
});

Deno.test("ReplaceableServer.renew() does not wait on the certificate's last day", async () => {
  using _log = new LogCapture("INFO");
  const { server, events } = recorded(identityOf("old", 0.9));
  server.webSocketStarted();
  server.renew(identityOf("new", 90));
  await server.shutdown();
  assertEquals(events.slice(0, 3), [
    "old on 4711",
    "end of old",
    "new on 4711",
  ]);
});

Deno.test("ReplaceableServer.renew() during a change uses the latest certificate", async () => {
  using _log = new LogCapture("INFO");
  const { server, events } = recorded(identityOf("old", 90));
  server.renew(identityOf("new", 90));
  server.renew(identityOf("newer", 90));
  await new Promise((resolve) => setTimeout(resolve, 0));
  await server.shutdown();
  assertEquals(events.at(-1), "end of newer");
});

Deno.test("ReplaceableServer.shutdown() drops a change that waits", async () => {
  using _log = new LogCapture("INFO");
  const { server, events } = recorded(identityOf("old", 90));
  server.webSocketStarted();
  server.renew(identityOf("new", 90));
  await server.shutdown();
  assertEquals(events, ["old on 4711", "end of old"]);
});

Deno.test("ReplaceableServer.forbidRenewal() drops a change that waits, and allows no other", async () => {
  using log = new LogCapture("INFO");
  const { server, events } = recorded(identityOf("old", 90));
  server.webSocketStarted();
  server.renew(identityOf("new", 90));
  server.forbidRenewal();
  server.renew(identityOf("newer", 90));
  server.webSocketEnded();
  assertEquals(events, ["old on 4711"]);
  assertEquals(log.lines.length, 1);
  await server.shutdown();
  assertEquals(events, ["old on 4711", "end of old"]);
});

Deno.test("ReplaceableServer.abort() aborts no server that was shut down", async () => {
  using _log = new LogCapture("INFO");
  const signals: AbortSignal[] = [];
  const server = new ReplaceableServer((port = 4711, _identity, signal) => {
    signals.push(signal);
    return {
      addr: { transport: "tcp", hostname: "127.0.0.1", port },
      finished: new Promise(() => {}),
      shutdown: () => Promise.resolve(),
    } as Deno.HttpServer<Deno.NetAddr>;
  }, identityOf("old", 90));
  server.renew(identityOf("new", 90));
  server.abort();
  assertEquals(signals.map(({ aborted }) => aborted), [false, true]);
  await server.shutdown();
});

Deno.test("ReplaceableServer starts a server on the same port when the runtime's server fails", async () => {
  using _log = new LogCapture("INFO");
  const ports: number[] = [];
  const again = Promise.withResolvers<void>();
  const failures = [
    Promise.reject(new Error("Too many open files (os error 24)")),
    new Promise<void>(() => {}),
  ];
  const server = new ReplaceableServer((port = 4711) => {
    ports.push(port);
    if (ports.length === 2) throw new Error("Too many open files");
    if (ports.length === 3) again.resolve();
    return {
      addr: { transport: "tcp", hostname: "127.0.0.1", port },
      finished: failures.shift()!,
      shutdown: () => Promise.resolve(),
    } as Deno.HttpServer<Deno.NetAddr>;
  }, undefined);
  await again.promise;
  assertEquals(ports, [4711, 4711, 4711]);
  await server.shutdown();
});

// When this fails, ReplaceableServer need not wait for WebSockets to close.
testWith(
  { net: true },
  "runtime still ends the WebSockets of a server on shutdown()",
  async () => {
    const opened = Promise.withResolvers<WebSocket>();
    const server = serveSockets(opened.resolve);
    using client = await RawClient.upgrade(server.addr, "/");
    await within(opened.promise, "the open socket");
    const ended = server.shutdown();
    await within(client.end(), "the end of the WebSocket");
    await ended;
  },
);
