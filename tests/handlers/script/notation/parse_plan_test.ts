import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FAULTS } from "../../../../handlers/script/faults/table.ts";
import { needOf } from "../../../../handlers/script/notation/need_of.ts";
import { parsePlan } from "../../../../handlers/script/notation/parse_plan.ts";
import { PlanError } from "../../../../handlers/script/notation/refusal.ts";
import { STEPS } from "../../../../handlers/script/steps/table.ts";

for (const { name, example } of STEPS) {
  Deno.test(`parsePlan() accepts the example of ${name}`, () => {
    const { steps } = parsePlan(example, "frame");
    const names = steps.flatMap(({ step, inner }) => [
      step.name,
      ...(inner === undefined ? [] : [inner.step.name]),
    ]);
    assertEquals(names.includes(name), true);
  });
}

for (const { name, plan } of FAULTS.values()) {
  Deno.test(`parsePlan() accepts the plan of ${name}`, () => {
    parsePlan(plan, "frame");
  });
}

Deno.test("parsePlan() accepts 64 steps and a slash at the end", () => {
  const plan = "text:a/".repeat(64);
  assertEquals(parsePlan(plan, "edge").steps.length, 64);
});

for (
  const [plan, ...parts] of [
    ["text:a/".repeat(65), "at most 64 steps, not 65"],
    ["", '"" is no step'],
    ["text:a//text:b", '"" is no step'],
    ["text:a/late:5", "late:5 has no effect", "before text:a"],
    ["split:5/text:a/late:5", "before text:a"],
    ["abort/text:a", "text:a has no effect: nothing follows abort"],
    ["status:503/echo", "echo has no effect: nothing follows status:503"],
    [
      "accept:wrong/status:503",
      "accept:wrong has no effect: status:503 sends no 101",
    ],
    ["accept:wrong/accept:twice", "accept is allowed once"],
    ["tick:10/tick:20/echo", "tick is allowed once"],
    ["ping-every:10/first:9:ping-every:10/echo", "ping-every is allowed once"],
    ["echo/close:1000", "echo does not end", "echo:N or within:MS"],
    ["await/text:a", "await does not end"],
    ["say-goodbye/text:a", "say-goodbye does not end"],
    ["within:5/text:a", "echo or await has to follow it"],
    ["delay:5/text:a", "echo has to follow it"],
    ["fragment:5", "echo has to follow it"],
    ["glue", "a step that sends has to follow it"],
    ["key:a/echo", "first, every or down has to follow it"],
    ["half-close/text:a", "nothing is sent after half-close"],
    ["half-close/close:1000", "nothing is sent after half-close"],
    ["echo:1/journal:x-7f3a", "journal:*** has no effect", "before echo:1"],
    ["journal:x-7f3a/journal:y/echo", "journal:*** has no effect"],
    ["first:1:journal:x-7f3a%20", "journal:***: NAME is not valid"],
    ["challenge:basic:ada:pass:more/echo", "challenge:***: the form is"],
    ["late:3600000/late:1/echo", "in total; allowed: at most 3600000 ms"],
    ["big-field:1048576/big-field:1/echo", "at most 1048576 bytes"],
    ["big-field:1048576/first:9:big-field:1/echo", "at most 1048576 bytes"],
  ] as const
) {
  Deno.test(`parsePlan() refuses ${plan.slice(0, 40)} and says why`, () => {
    const { message } = assertThrows(
      () => parsePlan(plan, "frame"),
      PlanError,
    );
    for (const part of parts) assertStringIncludes(message, part);
  });
}

for (
  const plan of [
    "within:5/echo/close:1000",
    "within:5/await/text:a",
    "sometimes:50:abort/echo",
    "first:2:status:503/echo",
    "split:5/late:5/text:a",
    "half-close/wait:5/abort",
    "close:1000/abort",
    "accept:twice/first:2:accept:wrong",
    "key:a/down:50/echo",
    "field:A:b/status:503",
  ]
) {
  Deno.test(`parsePlan() accepts ${plan}`, () => {
    parsePlan(plan, "frame");
  });
}

for (
  const [plan, need] of [
    ["text:a/echo", "any"],
    ["late:5/status:503", "any"],
    ["ping/echo", "frame"],
    ["ping/raw:00", "wire"],
    ["sometimes:50:abort/echo", "frame"],
    ["sometimes:50:reset/echo", "wire"],
    ["close:1006", "wire"],
    ["close:1000", "any"],
    ["close:1000/text:late", "wire"],
    ["close:1000/abort", "frame"],
    ["close:1000/wait:5", "any"],
    ["subprotocol:first", "any"],
    ["subprotocol:twice", "wire"],
    ["field:X-A:b", "any"],
    ["field:upgrade:b", "wire"],
    ["await:2", "any"],
    ["await:close", "wire"],
  ] as const
) {
  Deno.test(`needOf() is ${need} for ${plan}`, () => {
    assertEquals(needOf(parsePlan(plan, "frame")).need, need);
  });
}

for (
  const [plan, step] of [
    ["text:a/ping/echo", "ping works on the frame listener only"],
    ["accept:wrong", "accept:wrong works"],
    ["close:1000/text:late", "text:late after a close works"],
    ["sometimes:50:reset/echo", "sometimes:50:reset works"],
  ] as const
) {
  Deno.test(`parsePlan() sends ${plan} to the frame listener`, () => {
    const error = assertThrows(() => parsePlan(plan, "edge"), PlanError);
    assertStringIncludes(error.message, step);
    assertEquals(error.isForFrameListener, true);
  });
}
