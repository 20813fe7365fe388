import { assertEquals } from "@std/assert";
import type { RemoteSessions } from "../../../lib/sessions/remote_sessions.ts";
import { handleRequest } from "../../../lib/sessions/requests.ts";

/** Calls that tell how they were made. */
const CALLS = new Proxy({}, {
  get: (_, name) => (...args: unknown[]) => Promise.resolve([name, ...args]),
}) as RemoteSessions;

const BODY = new TextEncoder().encode("hi");

for (
  const [question, call] of [
    [{ call: "list" }, ["list"]],
    [{ call: "send", id: "a", isText: true }, ["send", "a", "hi"]],
    [{ call: "send", id: "a", isText: false }, ["send", "a", BODY]],
    [{ call: "sendAll", isText: true }, ["sendAll", "hi", {
      route: undefined,
      path: undefined,
    }]],
    [{ call: "sendAll", isText: true, route: "/a" }, ["sendAll", "hi", {
      route: "/a",
      path: undefined,
    }]],
    [{ call: "sendAll", isText: true, path: "/a" }, ["sendAll", "hi", {
      route: undefined,
      path: "/a",
    }]],
    [{ call: "close", id: "a", code: 4000, reason: "x" }, [
      "close",
      "a",
      4000,
      "x",
    ]],
  ] as const
) {
  Deno.test(`handleRequest() carries out ${JSON.stringify(question)}`, async () => {
    assertEquals(
      await handleRequest(CALLS, question, BODY),
      call as unknown as unknown[],
    );
  });
}

for (
  const question of [
    null,
    1,
    "list",
    [],
    {},
    { call: "drop" },
    { call: "toString" },
    { call: "send" },
    { call: "send", id: 1, isText: true },
    { call: "send", id: "a", isText: "yes" },
    { call: "sendAll" },
    { call: "sendAll", isText: true, route: null },
    { call: "sendAll", isText: true, path: 7 },
    { call: "close", id: "a", code: "1000", reason: "" },
    { call: "close", id: "a", code: 1006, reason: "" },
    { call: "close", id: "a", code: 1000 },
    { call: "close", id: "a", code: 1000, reason: "ü".repeat(62) },
  ]
) {
  Deno.test(`handleRequest() is undefined for ${JSON.stringify(question)}`, () => {
    assertEquals(handleRequest(CALLS, question, BODY), undefined);
  });
}
