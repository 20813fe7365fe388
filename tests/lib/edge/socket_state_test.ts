import { assertEquals } from "@std/assert";
import { SocketState } from "../../../lib/edge/socket_state.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { serveSockets } from "./runtime_socket.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** The events that the runtime may fire. */
const EVENTS = {
  open: (state: SocketState) => state.open(),
  fail: (state: SocketState) => state.fail(),
  close: (state: SocketState) => state.end(new CloseEvent("close")),
} as const;

type EventName = keyof typeof EVENTS;

/** The states that a connection enters, and the result of each call. */
function course(events: readonly EventName[]): {
  readonly states: string[];
  readonly returned: (boolean | void)[];
} {
  const states: string[] = [];
  const state = new SocketState({
    opened: () => void states.push("opened"),
    failed: () => void states.push("failed"),
    ended: ({ code }) => void states.push(`ended ${code}`),
  });
  const returned = events.map((name) => EVENTS[name](state));
  return { states, returned };
}

for (
  const [events, expected] of [
    [["open", "close"], ["opened", "ended 0"]],
    [["open", "close", "close"], ["opened", "ended 0"]],
    [["open", "fail", "close"], ["opened", "ended 0"]],
    [["open", "open", "close", "open"], ["opened", "ended 0"]],
    [["close"], ["failed"]],
    [["close", "open", "close"], ["failed"]],
    [["fail"], ["failed"]],
    [["fail", "fail"], ["failed"]],
    [["fail", "open", "close", "close"], ["failed"]],
    [["open", "close", "fail"], ["opened", "ended 0"]],
  ] as const
) {
  Deno.test(`SocketState enters ${expected.join(", ")} on ${events.join(", ")}`, () => {
    assertEquals(course(events).states, expected as readonly string[]);
  });
}

Deno.test("SocketState.open() and end() are true for the first call only", () => {
  const { returned } = course(["open", "open", "close", "close"]);
  assertEquals(returned, [true, false, true, false]);
});

Deno.test("SocketState.open() is false after a failed upgrade", () => {
  assertEquals(course(["fail", "open"]).returned, [undefined, false]);
});

Deno.test("SocketState passes on the first close event", () => {
  const codes: number[] = [];
  const state = new SocketState({
    opened() {},
    failed() {},
    ended: ({ code }) => void codes.push(code),
  });
  state.open();
  for (const code of [1001, 1005]) {
    state.end(new CloseEvent("close", { code }));
  }
  assertEquals(codes, [1001]);
});

// When this fails, SocketState may rely on a single close event.
testWith(
  { net: true },
  "runtime still fires close twice on a socket that its keep-alive drops",
  async () => {
    const codes: number[] = [];
    const twice = Promise.withResolvers<void>();
    await using server = serveSockets((socket) => {
      socket.onclose = ({ code }) => {
        codes.push(code);
        if (codes.length === 2) twice.resolve();
      };
    }, 0.1);
    using client = await RawClient.upgrade(server.addr, "/");
    await client.end();
    await within(twice.promise, "two close events");
    assertEquals(codes, [1001, 1005]);
  },
);
