import { assert } from "@std/assert";
import { Run } from "../../../../handlers/script/engine/run.ts";
import { parsePlan } from "../../../../handlers/script/notation/parse_plan.ts";
import { WireEndpoint } from "../../../../handlers/script/wire/endpoint.ts";
import {
  nextSlice,
  yieldToOthers,
} from "../../../../lib/scheduling/scheduler.ts";
import { heldWire } from "./held_wire.ts";

Deno.test("steps that take processor time yield to other connections", async () => {
  const steps = 60;
  const endpoint = new WireEndpoint(await heldWire(), 2 ** 24);
  const plan = new Array(steps).fill("back-reference:32000").join("/");
  const run = new Run({
    endpoint,
    steps: parsePlan(plan, "frame").steps,
    reply: () => {},
    limit: 2 ** 20,
  });
  let others = 0;
  let isDone = false;
  const other = () => {
    others++;
    if (!isDone) yieldToOthers(other);
  };
  yieldToOthers(other);
  run.start();
  await run.finished;
  isDone = true;
  await nextSlice();
  run.end();
  assert(others > 2, `${others}`);
});
