import { assert, assertEquals } from "@std/assert";
import { BehavingHandler } from "../../../handlers/behaviour/handler.ts";
import type { Behaviour } from "../../../handlers/behaviour/parameters.ts";
import { FakeConnection, FakeFrame, type Sent, sent } from "../fakes.ts";
import { FakeTime } from "./fake_time.ts";

/** A connection that behaves, just open, and time. */
class Fixture implements Disposable {
  readonly time = new FakeTime();
  readonly connection = new FakeConnection("frame");
  readonly #handler: BehavingHandler;

  constructor(behaviour: Behaviour, limit = 2 ** 20) {
    this.#handler = new BehavingHandler(
      (peer, message) => {
        if (message.startsWith("later")) {
          peer.queueWork(() => peer.send("work"));
        } else if (message.startsWith("ping")) peer.ping();
        else peer.send(message);
      },
      behaviour,
      limit,
    );
    this.#handler.open(this.connection);
  }

  /** What was sent since the last call. */
  get sent(): Sent[] {
    return this.connection.sent.splice(0);
  }

  /** Texts arrive, each with the work that it causes. */
  async arrive(...texts: readonly string[]): Promise<void> {
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
    assertEquals(timers, 0, "timers outlive the connection");
  }
}

/** A CLOSE that was sent. */
function closed(code: number, reason = ""): Sent {
  const bytes = new TextEncoder().encode(reason);
  return sent("close", Uint8Array.of(code >> 8, code & 0xff, ...bytes));
}

Deno.test("BehavingHandler without a behaviour answers at once", async () => {
  using it = new Fixture({});
  await it.arrive("one", "later", "two");
  assertEquals(it.sent, [
    sent("text", "one"),
    sent("text", "work"),
    sent("text", "two"),
  ]);
  assertEquals(it.time.timers, 0);
});

Deno.test("hello is sent first", async () => {
  using it = new Fixture({ hello: "hi", delay: 100, mute: true });
  assertEquals(it.sent, [sent("text", "hi")]);
  await it.arrive("one");
  it.time.pass(1000);
  assertEquals(it.sent, []);
});

Deno.test("delay holds every answer back, in order", async () => {
  using it = new Fixture({ delay: 100 });
  await it.arrive("one", "later", "ping", "two");
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

Deno.test("delay and fragment: late, and in fragments", async () => {
  using it = new Fixture({ delay: 100, fragment: 2 });
  await it.arrive("abc", "later");
  assertEquals(it.sent, []);
  it.time.pass(100);
  assertEquals(it.sent, [
    sent("text", "ab", false),
    sent("continuation", "c"),
    sent("text", "wo", false),
    sent("continuation", "rk"),
  ]);
});

Deno.test("delay closes with 1008 where more waits than may", async () => {
  using it = new Fixture({ delay: 100 }, 4096);
  await it.arrive("x".repeat(3000));
  assert(it.connection.isOpen);
  await it.arrive("x".repeat(3000), "more");
  assertEquals(it.sent, [closed(1008, "too much is waiting")]);
  it.time.pass(1000);
  assertEquals(it.sent, []);
});

Deno.test("delay counts messages without a byte, too", async () => {
  using it = new Fixture({ delay: 100 }, 4096);
  for (let i = 0; i < 100; i++) await it.arrive("");
  assertEquals(it.sent[0], closed(1008, "too much is waiting"));
});

Deno.test("close closes at once, behind hello", () => {
  using it = new Fixture({ close: 1011, reason: "gone", hello: "hi" });
  assertEquals(it.sent, [sent("text", "hi"), closed(1011, "gone")]);
  assertEquals(it.time.timers, 0);
});

for (const when of [{ after: 0 }, { after: 0, in: 5000 }]) {
  Deno.test(`close with ${JSON.stringify(when)} closes at once`, () => {
    using it = new Fixture({ close: 4000, ...when });
    assertEquals(it.sent, [closed(4000)]);
  });
}

Deno.test("after counts answers, those by the work queue too", async () => {
  using it = new Fixture({ close: 4000, after: 3 });
  await it.arrive("one", "two");
  assertEquals(it.sent, [sent("text", "one"), sent("text", "two")]);
  await it.arrive("later");
  await it.work();
  assertEquals(it.sent, [sent("text", "work"), closed(4000)]);
  await it.arrive("four");
  assertEquals(it.sent, []);
});

Deno.test("after waits for answers that are late", async () => {
  using it = new Fixture({ close: 4000, after: 2, delay: 100 });
  await it.arrive("one", "later", "three");
  await it.work();
  assertEquals(it.sent, []);
  it.time.pass(200);
  assertEquals(it.sent, [
    sent("text", "one"),
    sent("text", "work"),
    closed(4000),
  ]);
});

Deno.test("after counts what arrives where nothing is answered", async () => {
  using it = new Fixture({ close: 4000, after: 2, mute: true });
  await it.arrive("one");
  assertEquals(it.sent, []);
  await it.arrive("two");
  assertEquals(it.sent, [closed(4000)]);
});

Deno.test("in closes when the time has passed, late answers or not", async () => {
  using it = new Fixture({ close: 4000, in: 50, delay: 100 });
  await it.arrive("one");
  it.time.pass(49);
  assertEquals(it.sent, []);
  it.time.pass(1);
  assertEquals(it.sent, [closed(4000)]);
});

Deno.test("after and in: what comes first", async () => {
  using first = new Fixture({ close: 4000, after: 1, in: 50 });
  await first.arrive("one");
  assertEquals(first.sent, [sent("text", "one"), closed(4000)]);
  using second = new Fixture({ close: 4000, after: 2, in: 50 });
  await second.arrive("one");
  second.time.pass(50);
  assertEquals(second.sent, [sent("text", "one"), closed(4000)]);
});

Deno.test("abort cuts at once, after, or in", async () => {
  using once = new Fixture({ abort: true });
  assert(once.connection.isAborted);
  using after = new Fixture({ abort: true, after: 1 });
  assert(!after.connection.isAborted);
  await after.arrive("one");
  assert(after.connection.isAborted);
  assertEquals(after.sent, [sent("text", "one")]);
  using late = new Fixture({ abort: true, in: 50 });
  late.time.pass(49);
  assert(!late.connection.isAborted);
  late.time.pass(1);
  assert(late.connection.isAborted);
  assertEquals(late.sent, []);
});

Deno.test("close and abort: a CLOSE, and the cut right behind it", () => {
  using it = new Fixture({ close: 1001, abort: true });
  assertEquals(it.sent, [closed(1001)]);
  assert(it.connection.isAborted);
});

Deno.test("stall stops reading, behind hello", () => {
  using it = new Fixture({ stall: true, hello: "hi" });
  assertEquals(it.sent, [sent("text", "hi")]);
  assert(it.connection.isPaused);
});

Deno.test("tick and ping go on by themselves, mute or not", () => {
  using it = new Fixture({ tick: 100, ping: 250, mute: true });
  it.time.pass(550);
  const frames = it.sent;
  const ticks = frames.filter(({ opcode }) => opcode === "text").map(
    ({ payload }) =>
      JSON.parse(new TextDecoder().decode(Uint8Array.fromHex(payload))),
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

Deno.test("everything ends with the connection", async () => {
  using it = new Fixture({
    delay: 100,
    jitter: 10,
    tick: 10,
    ping: 10,
    close: 4000,
    in: 1000,
  });
  await it.arrive("one");
  assertEquals(it.time.timers, 4);
  it.close();
  assertEquals(it.time.timers, 0);
  it.time.pass(5000);
  assertEquals(it.sent, []);
});
