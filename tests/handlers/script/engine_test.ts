import { assert, assertEquals } from "@std/assert";
import { ARRAY_BYTES } from "../../../lib/memory/array_bytes.ts";
import { Completion } from "../../../handlers/script/engine/completion.ts";
import { Run } from "../../../handlers/script/engine/run.ts";
import { parsePlan } from "../../../handlers/script/notation/parse_plan.ts";
import { isSliceOver } from "../../../lib/scheduling/scheduler.ts";
import {
  FakeConnection,
  FakeFrame,
  sent,
  sentClose,
} from "../../../lib/testing/mod.ts";
import { FakeTime } from "../fake_time.ts";

/** A run of a plan on a fake connection. */
function start(
  plan: string,
  maxTime?: number,
  isTight: () => boolean = () => false,
) {
  const connection = new FakeConnection();
  const run = new Run({
    endpoint: connection,
    steps: parsePlan(plan, "frame").steps,
    reply: (endpoint, message) => endpoint.send(message),
    limit: 2 ** 20,
    maxTime,
    isTight,
  });
  run.start();
  return { connection, run };
}

for (const step of ["size:65537", "binary:65537:61"]) {
  Deno.test(`Run closes with 1013 in place of ${step} while memory is tight`, () => {
    const { connection, run } = start(
      `text:a/${step}/text:b`,
      undefined,
      () => true,
    );
    assertEquals(connection.sent, [
      sent("text", "a"),
      sentClose(1013, "the server has too little memory"),
    ]);
    assert(run.isOver);
  });
}

Deno.test("Run sends small messages while memory is tight", async () => {
  const { connection, run } = start("size:65536", undefined, () => true);
  await run.finished;
  assertEquals(connection.sent.length, 1);
  run.end();
});

for (const step of ["size:65537", "binary:65537:61"]) {
  Deno.test(`Run lets other connections run before ${step} when the time slice is over`, async () => {
    while (!isSliceOver());
    const { connection, run } = start(`text:a/${step}/text:b`);
    assertEquals(connection.sent, [sent("text", "a")]);
    await run.finished;
    assertEquals(connection.sent.length, 3);
    run.end();
  });
}

Deno.test("Run runs the steps that take no time before start() returns", () => {
  const { connection } = start("text:a/ping:1/text:b/close:1000");
  assertEquals(connection.sent, [
    sent("text", "a"),
    sent("ping", "1"),
    sent("text", "b"),
    sentClose(1000),
  ]);
});

Deno.test("Run closes with 1001 after an hour", () => {
  using time = new FakeTime();
  const { connection } = start("tick:3600000/echo", 3_600_000);
  time.pass(3_599_999);
  assert(connection.isOpen);
  time.pass(1);
  assertEquals(
    connection.sent.at(-1),
    sentClose(1001, "the plan's time is over"),
  );
  assertEquals(time.timers, 0);
});

Deno.test("Run has no limit of time unless one is given", () => {
  using time = new FakeTime();
  const { connection, run } = start(
    "wait:3600000/wait:3600000/wait:3600000/text:a",
  );
  time.pass(3 * 3_600_000);
  assertEquals(connection.sent, [sent("text", "a")]);
  run.end();
});

Deno.test("Run holds messages, charges them and lets the client wait above 64 KiB", () => {
  using time = new FakeTime();
  const { connection, run } = start("wait:100/echo");
  const message = new FakeFrame("binary", new Uint8Array(40_000));
  assertEquals(run.message(message), undefined);
  assertEquals(connection.charged, 40_128 + ARRAY_BYTES);
  const pending = run.message(message);
  let isResolved = false;
  pending!.then(() => isResolved = true);
  assert(!isResolved);
  time.pass(100);
  assert(isResolved);
  assertEquals(connection.charged, 0);
  assertEquals(connection.sent.map(({ payload }) => payload.length), [
    40_000,
    40_000,
  ]);
  run.end();
});

Deno.test("Run holds no message that no step takes", () => {
  using _time = new FakeTime();
  const { connection, run } = start("wait:100/text:a");
  assertEquals(run.message(new FakeFrame("text", "ignored")), undefined);
  assertEquals(connection.charged, 0);
  run.end();
});

Deno.test("Run gives held messages back when the connection ends", () => {
  using time = new FakeTime();
  const { connection, run } = start("wait:100/echo");
  run.message(new FakeFrame("text", "held"));
  run.end();
  assertEquals(connection.charged, 0);
  assertEquals(time.timers, 0);
  time.pass(100);
  assertEquals(connection.sent, []);
});

Deno.test("Run closes with 1011 if a step fails", () => {
  using _time = new FakeTime();
  const connection = new FakeConnection({ listener: "edge" });
  const { steps } = parsePlan("ping/echo", "frame");
  const run = new Run({ endpoint: connection, steps, reply() {}, limit: 1 });
  run.start();
  assertEquals(connection.sent, [sentClose(1011)]);
});

Deno.test("Completion calls back at once, and only once", () => {
  const completion = new Completion();
  const calls: string[] = [];
  completion.then(() => calls.push("before"));
  completion.done();
  completion.done();
  completion.then(() => calls.push("after"));
  assertEquals(calls, ["before", "after"]);
});

Deno.test("Completion can be awaited", async () => {
  const completion = new Completion();
  queueMicrotask(() => completion.done());
  await completion;
  assert(completion.isDone);
});
