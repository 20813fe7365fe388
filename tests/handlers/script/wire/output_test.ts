import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Delivery } from "../../../../handlers/script/engine/endpoint.ts";
import { WireEndpoint } from "../../../../handlers/script/wire/endpoint.ts";
import { PlanOutput } from "../../../../handlers/script/wire/output.ts";
import { ConnectionClosedError } from "../../../../lib/protocol/errors.ts";
import { heldWire } from "./held_wire.ts";

const UNITS = 1000;

/** Bytes that the objects of a unit take at least. */
const LEAST = 200;

async function start(delivery: Delivery) {
  const wire = await heldWire();
  const ending = new AbortController();
  const output = new PlanOutput({
    wire,
    endSignal: ending.signal,
    delivery: () => delivery,
  });
  const write = () => {
    for (let i = 0; i < UNITS; i++) output.write(Uint8Array.of(0x89, 0));
  };
  return { wire, ending, output, write };
}

Deno.test("PlanOutput charges the memory of small units until they are written", async () => {
  const { wire, output, write } = await start({ kind: "whole" });
  write();
  assert(output.queued >= UNITS * LEAST);
  assertEquals(wire.charged, output.queued);
  await output.idle();
  assertEquals([wire.charged, output.queued], [0, 0]);
  assertEquals(wire.writes.map(({ length }) => length), [2 * UNITS]);
});

Deno.test("PlanOutput charges the units that are held back until they are written", async () => {
  const { wire, output, write } = await start({ kind: "whole" });
  output.hold();
  write();
  assert(wire.charged >= UNITS * LEAST);
  output.release();
  await output.idle();
  assertEquals([wire.charged, output.queued], [0, 0]);
});

Deno.test("PlanOutput gives the charge of dripping units back when the connection ends", async () => {
  const { wire, ending, output, write } = await start({
    kind: "drip",
    bytes: 1,
    ms: 60_000,
  });
  write();
  const idle = output.idle();
  ending.abort();
  await assertRejects(() => idle, ConnectionClosedError);
  assertEquals([wire.charged, output.queued], [0, 0]);
});

Deno.test("WireEndpoint closes a connection whose PINGs wait above the limit", async () => {
  const wire = await heldWire();
  const endpoint = new WireEndpoint(wire, UNITS * LEAST);
  endpoint.setDelivery({ kind: "drip", bytes: 1, ms: 60_000 });
  for (let i = 0; i < UNITS; i++) endpoint.ping();
  assertEquals([endpoint.hasEnded, wire.end], [true, "closed"]);
  await endpoint.output.idle().catch(() => {});
});
