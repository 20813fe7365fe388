import { assertEquals, assertRejects } from "@std/assert";
import { CheckedSessions } from "../../../lib/sessions/checked_sessions.ts";
import type { RemoteSessions } from "../../../lib/sessions/remote_sessions.ts";

type Call = (...values: unknown[]) => Promise<unknown>;

/** Sessions for callers without types, and the calls that pass. */
function setUp() {
  const passed: unknown[] = [];
  const target = new Proxy({}, {
    get: (_, name) => (...values: unknown[]) => {
      passed.push([name, ...values]);
      return Promise.resolve("passed");
    },
  }) as RemoteSessions;
  const sessions = new CheckedSessions(target) as unknown as Record<
    "send" | "sendAll" | "close" | "list",
    Call
  >;
  return { sessions, passed };
}

const INVALID: readonly (readonly [
  name: "send" | "sendAll" | "close",
  values: readonly unknown[],
  message: string,
])[] = [
  ["send", [5, "x"], "id is 5; allowed: a string"],
  ["send", [], "id is undefined; allowed: a string"],
  ["send", ["id-1", 5], "message is 5; allowed: a string, a Uint8Array"],
  ["send", ["id-1"], "message is undefined; allowed"],
  ["send", ["id-1", new ArrayBuffer(1)], "message is an object; allowed"],
  ["sendAll", [5], "message is 5; allowed: a string, a Uint8Array"],
  ["sendAll", [["x"]], "message is an array; allowed"],
  ["sendAll", ["x", null], "target is null; allowed: { route, path }"],
  ["sendAll", ["x", "/ws"], 'target is "/ws"; allowed: { route, path }'],
  ["sendAll", ["x", { rout: "/ws" }], 'a field of target is "rout"; allowed'],
  ["sendAll", ["x", { route: 5 }], "route is 5; allowed"],
  ["sendAll", ["x", { path: 5 }], "path is 5; allowed"],
  ["sendAll", ["x", { path: "ws" }], 'path is "ws"; allowed: a path without'],
  ["sendAll", ["x", { path: "/a?b" }], 'path is "/a?b"; allowed'],
  ["close", [5, 1000, ""], "id is 5; allowed: a string"],
];

for (const [name, values, message] of INVALID) {
  Deno.test(`CheckedSessions.${name}() refuses ${Deno.inspect(values)}`, async () => {
    const { sessions, passed } = setUp();
    await assertRejects(() => sessions[name](...values), TypeError, message);
    assertEquals(passed, []);
  });
}

Deno.test("CheckedSessions passes valid calls on", async () => {
  const { sessions, passed } = setUp();
  const calls = [
    ["list"],
    ["send", "id-1", "x"],
    ["send", "id-1", new Uint8Array(1)],
    ["sendAll", "x", {}],
    ["sendAll", "x", { route: "/ws", path: undefined }],
    ["sendAll", "x", { path: "/ws" }],
    ["close", "id-1", 1000, ""],
  ] as const;
  for (const [name, ...values] of calls) {
    assertEquals(await sessions[name](...values), "passed");
  }
  assertEquals(passed, calls as unknown as unknown[]);
});
