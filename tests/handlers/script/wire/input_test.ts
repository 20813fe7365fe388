import { assert, assertEquals } from "@std/assert";
import { Run } from "../../../../handlers/script/engine/run.ts";
import { parsePlan } from "../../../../handlers/script/notation/parse_plan.ts";
import { WireEndpoint } from "../../../../handlers/script/wire/endpoint.ts";
import { PlanInput } from "../../../../handlers/script/wire/input.ts";
import { concat } from "../../../../lib/client/concat.ts";
import { encodeFrame } from "../../../../lib/client/mod.ts";
import {
  nextSlice,
  yieldToOthers,
} from "../../../../lib/scheduling/scheduler.ts";
import { heldWire } from "./held_wire.ts";

Deno.test("PlanInput yields to other connections while it handles small frames", async () => {
  const frame = encodeFrame("text", "a");
  const frames = 10_000;
  const wire = await heldWire();
  wire.receive(concat(new Array(frames).fill(frame)));
  wire.endInput();
  const endpoint = new WireEndpoint(wire, 2 ** 20);
  const input = new PlanInput({
    wire,
    endpoint,
    maxPayload: 2 ** 20,
    maxFragments: Infinity,
    isCloseForPlan: false,
  });
  let messages = 0;
  const run = new Run({
    endpoint,
    steps: parsePlan("no-pong/echo", "frame").steps,
    reply: () => void messages++,
    limit: 2 ** 20,
  });
  input.open(run);
  run.start();
  const reading = input.read();
  /** The number of handled messages whenever another connection runs. */
  const seen: number[] = [];
  const other = () => {
    seen.push(messages);
    if (!endpoint.hasEnded) yieldToOthers(other);
  };
  yieldToOthers(other);
  await reading;
  run.end();
  await nextSlice();
  assertEquals(messages, frames);
  assert(seen.some((count) => count > 0 && count < frames));
});
