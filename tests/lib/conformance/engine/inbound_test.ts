import { assert, assertEquals } from "@std/assert";
import { Endpoint } from "../../../../lib/conformance/engine/endpoint.ts";
import { Inbound } from "../../../../lib/conformance/engine/inbound.ts";
import { Output } from "../../../../lib/conformance/engine/output.ts";
import { WireLog } from "../../../../lib/conformance/engine/wire_log.ts";
import {
  isSliceOver,
  yieldToOthers,
} from "../../../../lib/scheduling/scheduler.ts";

/** An empty, masked binary message. */
const EMPTY_FRAME = [0x82, 0x80, 0, 0, 0, 0];

Deno.test("Inbound lets other work run between two frames of one read when the time slice is over", async () => {
  const log = new WireLog();
  const output = new Output({
    read: () => Promise.resolve(undefined),
    write: () => Promise.resolve(),
    close() {},
  }, log);
  const endpoint = new Endpoint("server", output, log, () => {});
  let messages = 0;
  const receiver = { part() {}, message: () => void messages++, pong() {} };
  const inbound = new Inbound(endpoint, undefined, receiver, log, () => {});
  while (!isSliceOver());
  let seen: number | undefined;
  yieldToOthers(() => seen = messages);
  await inbound.receive(Uint8Array.from([...EMPTY_FRAME, ...EMPTY_FRAME]));
  assertEquals(messages, 2);
  assert(seen !== undefined && seen < 2, `seen: ${seen}`);
  endpoint.lost();
  await endpoint.closed;
});
