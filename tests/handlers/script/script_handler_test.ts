import { assert, assertEquals } from "@std/assert";
import { stepsOfQuery } from "../../../handlers/script/query/plan.ts";
import { ScriptHandler } from "../../../handlers/script/script_handler.ts";
import type { Behaviour } from "../../../handlers/script/query/parameters.ts";
import {
  FakeConnection,
  FakeFrame,
  type Sent,
  sent,
  sentClose,
} from "../../../lib/testing/mod.ts";
import { FakeTime } from "../fake_time.ts";

/** An open connection with a behaviour, and its clock. */
class Fixture implements Disposable {
  readonly time = new FakeTime();
  readonly connection = new FakeConnection();
  readonly #handler: ScriptHandler;

  constructor(behaviour: Behaviour, limit = 2 ** 20) {
    this.#handler = new ScriptHandler({
      reply(connection, message) {
        if (message.startsWith("later")) {
          connection.queueWork(() => connection.send("work"));
        } else if (message.startsWith("ping")) connection.ping();
        else connection.send(message);
      },
      steps: stepsOfQuery(behaviour, "http://localhost/ws"),
      limit,
    });
    this.#handler.open(this.connection);
  }

  /** The frames that were sent since the last call. */
  get sent(): Sent[] {
    return this.connection.sent.splice(0);
  }

  /** Delivers texts and runs the work that each queues. */
  async receive(...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      const frame = new FakeFrame("text", text);
      this.#handler.frame(this.connection, frame);
      frame.payload.fill(0);
      await this.work();
    }
  }

  async work(): Promise<void> {
    await this.connection.runWork();
  }

  close(): void {
    this.#handler.close();
  }

  [Symbol.dispose](): void {
    this.close();
    const { timers } = this.time;
    this.time[Symbol.dispose]();
    assertEquals(timers, 0, "timers are left after the close");
  }
}

Deno.test("ScriptHandler replies at once without a behaviour", async () => {
  using it = new Fixture({});
  await it.receive("one", "later", "two");
  assertEquals(it.sent, [
    sent("text", "one"),
    sent("text", "work"),
    sent("text", "two"),
  ]);
  assertEquals(it.time.timers, 0);
});

Deno.test("hello is sent first, without delay or mute", async () => {
  using it = new Fixture({ hello: "hi", delay: 100, mute: true });
  assertEquals(it.sent, [sent("text", "hi")]);
  await it.receive("one");
  it.time.pass(1000);
  assertEquals(it.sent, []);
});

Deno.test("delay delays every reply and keeps the order", async () => {
  using it = new Fixture({ delay: 100 });
  await it.receive("one", "later", "ping", "two");
  it.time.pass(99);
  assertEquals(it.sent, []);
  it.time.pass(1);
  assertEquals(it.sent, [
    sent("text", "one"),
    sent("text", "work"),
    sent("ping", ""),
    sent("text", "two"),
  ]);
});

Deno.test("delay and fragment delay and split replies", async () => {
  using it = new Fixture({ delay: 100, fragment: 2 });
  await it.receive("abc", "later");
  assertEquals(it.sent, []);
  it.time.pass(100);
  assertEquals(it.sent, [
    sent("text", "ab", false),
    sent("continuation", "c"),
    sent("text", "wo", false),
    sent("continuation", "rk"),
  ]);
});

Deno.test("delay closes with 1008 when too many bytes wait", async () => {
  using it = new Fixture({ delay: 100 }, 4096);
  await it.receive("x".repeat(3000));
  assert(it.connection.isOpen);
  await it.receive("x".repeat(3000), "more");
  assertEquals(it.sent, [sentClose(1008, "too much is waiting")]);
  it.time.pass(1000);
  assertEquals(it.sent, []);
});

Deno.test("delay counts empty messages towards the limit", async () => {
  using it = new Fixture({ delay: 100 }, 4096);
  for (let i = 0; i < 100; i++) await it.receive("");
  assertEquals(it.sent[0], sentClose(1008, "too much is waiting"));
});

Deno.test("close closes at once, after hello", () => {
  using it = new Fixture({ close: 1011, reason: "gone", hello: "hi" });
  assertEquals(it.sent, [sent("text", "hi"), sentClose(1011, "gone")]);
  assertEquals(it.time.timers, 0);
});

for (const when of [{ after: 0 }, { after: 0, in: 5000 }]) {
  Deno.test(`close with ${JSON.stringify(when)} closes at once`, () => {
    using it = new Fixture({ close: 4000, ...when });
    assertEquals(it.sent, [sentClose(4000)]);
  });
}

Deno.test("after counts replies, including those of the work queue", async () => {
  using it = new Fixture({ close: 4000, after: 3 });
  await it.receive("one", "two");
  assertEquals(it.sent, [sent("text", "one"), sent("text", "two")]);
  await it.receive("later");
  await it.work();
  assertEquals(it.sent, [sent("text", "work"), sentClose(4000)]);
  await it.receive("four");
  assertEquals(it.sent, []);
});

Deno.test("after waits for delayed replies", async () => {
  using it = new Fixture({ close: 4000, after: 2, delay: 100 });
  await it.receive("one", "later", "three");
  await it.work();
  assertEquals(it.sent, []);
  it.time.pass(200);
  assertEquals(it.sent, [
    sent("text", "one"),
    sent("text", "work"),
    sentClose(4000),
  ]);
});

Deno.test("after counts received messages with mute", async () => {
  using it = new Fixture({ close: 4000, after: 2, mute: true });
  await it.receive("one");
  assertEquals(it.sent, []);
  await it.receive("two");
  assertEquals(it.sent, [sentClose(4000)]);
});

Deno.test("in closes after its time and drops delayed replies", async () => {
  using it = new Fixture({ close: 4000, in: 50, delay: 100 });
  await it.receive("one");
  it.time.pass(49);
  assertEquals(it.sent, []);
  it.time.pass(1);
  assertEquals(it.sent, [sentClose(4000)]);
});

Deno.test("after and in close when the first of them is reached", async () => {
  using first = new Fixture({ close: 4000, after: 1, in: 50 });
  await first.receive("one");
  assertEquals(first.sent, [sent("text", "one"), sentClose(4000)]);
  using second = new Fixture({ close: 4000, after: 2, in: 50 });
  await second.receive("one");
  second.time.pass(50);
  assertEquals(second.sent, [sent("text", "one"), sentClose(4000)]);
});

Deno.test("abort ends TCP at once, with after, or with in", async () => {
  using once = new Fixture({ abort: true });
  assert(once.connection.isAborted);
  using after = new Fixture({ abort: true, after: 1 });
  assert(!after.connection.isAborted);
  await after.receive("one");
  assert(after.connection.isAborted);
  assertEquals(after.sent, [sent("text", "one")]);
  using late = new Fixture({ abort: true, in: 50 });
  late.time.pass(49);
  assert(!late.connection.isAborted);
  late.time.pass(1);
  assert(late.connection.isAborted);
  assertEquals(late.sent, []);
});

Deno.test("close and abort send a CLOSE and end TCP at once", () => {
  using it = new Fixture({ close: 1001, abort: true });
  assertEquals(it.sent, [sentClose(1001)]);
  assert(it.connection.isAborted);
});

Deno.test("stall stops reading after hello", () => {
  using it = new Fixture({ stall: true, hello: "hi" });
  assertEquals(it.sent, [sent("text", "hi")]);
  assert(it.connection.isPaused);
});

Deno.test("tick and ping are sent in spite of mute", () => {
  using it = new Fixture({ tick: 100, ping: 250, mute: true });
  it.time.pass(550);
  const frames = it.sent;
  const ticks = frames.filter(({ opcode }) => opcode === "text").map(
    ({ payload }) => JSON.parse(new TextDecoder().decode(payload)),
  );
  assertEquals(ticks.map(({ tick }) => tick), [1, 2, 3, 4, 5]);
  for (const { time } of ticks) {
    assertEquals(new Date(time).toISOString(), time);
  }
  assertEquals(frames.filter(({ opcode }) => opcode === "ping"), [
    sent("ping", "1"),
    sent("ping", "2"),
  ]);
});

Deno.test("close() ends all timers and drops replies", async () => {
  using it = new Fixture({
    delay: 100,
    jitter: 10,
    tick: 10,
    ping: 10,
    close: 4000,
    in: 1000,
  });
  await it.receive("one");
  assertEquals(it.time.timers, 4);
  it.close();
  assertEquals(it.time.timers, 0);
  it.time.pass(5000);
  assertEquals(it.sent, []);
});
