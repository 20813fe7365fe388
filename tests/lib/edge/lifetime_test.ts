import { assertEquals } from "@std/assert";
import { Lifetime } from "../../../lib/edge/lifetime.ts";

/** What the runtime may fire. */
const EVENTS = {
  open: (lifetime: Lifetime) => lifetime.open(),
  fail: (lifetime: Lifetime) => lifetime.fail(),
  close: (lifetime: Lifetime) => lifetime.end(new CloseEvent("close")),
} as const;

type EventName = keyof typeof EVENTS;

/** The stages that a connection enters, and what each call returns. */
function course(events: readonly EventName[]): {
  readonly stages: string[];
  readonly returned: (boolean | void)[];
} {
  const stages: string[] = [];
  const lifetime = new Lifetime({
    opened: () => void stages.push("opened"),
    failed: () => void stages.push("failed"),
    ended: ({ code }) => void stages.push(`ended ${code}`),
  });
  const returned = events.map((name) => EVENTS[name](lifetime));
  return { stages, returned };
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
  Deno.test(`Lifetime: ${events.join(", ")} is ${expected.join(", ")}`, () => {
    assertEquals(course(events).stages, expected as readonly string[]);
  });
}

Deno.test("Lifetime tells which call was the first", () => {
  const { returned } = course(["open", "open", "close", "close"]);
  assertEquals(returned, [true, false, true, false]);
});

Deno.test("Lifetime tells that a connection opens too late", () => {
  assertEquals(course(["fail", "open"]).returned, [undefined, false]);
});

Deno.test("Lifetime hands the event of the first end on", () => {
  const codes: number[] = [];
  const lifetime = new Lifetime({
    opened() {},
    failed() {},
    ended: ({ code }) => void codes.push(code),
  });
  lifetime.open();
  for (const code of [1001, 1005]) {
    lifetime.end(new CloseEvent("close", { code }));
  }
  assertEquals(codes, [1001]);
});
