import { assert, assertEquals } from "@std/assert";
import { ClientStates } from "../../../../handlers/script/handshake/client_states.ts";
import { chooseSteps } from "../../../../handlers/script/notation/choose_steps.ts";
import { parsePlan } from "../../../../handlers/script/notation/parse_plan.ts";
import { FakeTime } from "../../fake_time.ts";

/** Chooses the steps of a plan for one connection after the other. */
function chooser(plan: string, states = new ClientStates()) {
  const { steps } = parsePlan(plan, "frame");
  return (address = "127.0.0.1") =>
    chooseSteps(steps, address, (client, step) => states.history(client, step))
      .map(({ text }) => text)
      .filter((text) => !text.startsWith("key"))
      .join("/");
}

Deno.test("first runs its step on the first connections only", () => {
  const choose = chooser("first:2:status:503/echo");
  assertEquals([choose(), choose(), choose()], [
    "status:503/echo",
    "status:503/echo",
    "echo",
  ]);
});

Deno.test("every runs its step on each n-th connection", () => {
  const choose = chooser("every:2:abort/echo");
  assertEquals([choose(), choose(), choose(), choose()], [
    "echo",
    "abort/echo",
    "echo",
    "abort/echo",
  ]);
});

Deno.test("clients are told apart by address, and by key in its place", () => {
  const byAddress = chooser("first:1:status:503/echo");
  assertEquals([byAddress("::1"), byAddress("::2"), byAddress("::1")], [
    "status:503/echo",
    "status:503/echo",
    "echo",
  ]);
  const states = new ClientStates();
  const one = chooser("key:one/first:1:status:503/echo", states);
  const two = chooser("key:two/first:1:status:503/echo", states);
  assertEquals([one("::1"), one("::2"), two("::1")], [
    "status:503/echo",
    "echo",
    "status:503/echo",
  ]);
});

Deno.test("down refuses from the second connection on, until its time is over", () => {
  using time = new FakeTime();
  const choose = chooser("down:500/echo");
  assertEquals(choose(), "echo");
  time.pass(499);
  assertEquals(choose(), "down:500/echo");
  time.pass(1);
  assertEquals(choose(), "echo");
});

Deno.test("sometimes runs its step with about its probability", () => {
  const choose = chooser("sometimes:30:abort/echo");
  let chosen = 0;
  for (let i = 0; i < 10_000; i++) if (choose() !== "echo") chosen++;
  // Nine standard deviations.
  assert(Math.abs(chosen - 3000) < 420, `${chosen} of 10000`);
});

Deno.test("ClientStates forgets the least recently used of 4096 states", () => {
  const states = new ClientStates();
  const count = (client: string) =>
    states.history(client, "first:1:abort").count();
  assertEquals(count("a"), 1);
  for (let i = 0; i < 4095; i++) count(`other ${i}`);
  assertEquals(count("a"), 2);
  for (let i = 0; i < 5000; i++) count(`new ${i}`);
  assertEquals(states.size, 4096);
  assertEquals(count("a"), 1);
});

Deno.test("ClientStates forgets a state that was unused for an hour", () => {
  using time = new FakeTime();
  const states = new ClientStates();
  const count = () => states.history("a", "first:1:abort").count();
  assertEquals([count(), count()], [1, 2]);
  time.pass(3_600_001);
  assertEquals(count(), 1);
});
