import { assertEquals, assertRejects } from "@std/assert";
import { constants, deflateRawSync } from "node:zlib";
import {
  MessageAssembler,
  MessageFault,
} from "../../../../handlers/script/wire/messages.ts";
import { yieldToOthers } from "../../../../lib/scheduling/scheduler.ts";
import { OPCODE_NUMBER } from "../../../../lib/websocket.ts";
import { FakeCharge } from "./fake_charge.ts";

const MIB = 2 ** 20;

/** A compressed frame of zeros. */
function bomb(size: number) {
  const data = deflateRawSync(new Uint8Array(size), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return {
    opcode: OPCODE_NUMBER.binary,
    final: true,
    rsv: 4,
    payload: Uint8Array.from(data.subarray(0, -4)),
  };
}

Deno.test("MessageAssembler yields to other connections while it inflates", async () => {
  const charge = new FakeCharge();
  const assembler = new MessageAssembler(16 * MIB, charge);
  let others = 0;
  const message = assembler.add(bomb(16 * MIB), () => false);
  yieldToOthers(() => others++);
  assertEquals((await message)?.length, 16 * MIB);
  assertEquals(others, 1);
  assertEquals(charge.bytes, 0);
});

Deno.test("MessageAssembler charges the memory of a message while it inflates", async () => {
  const charge = new FakeCharge();
  await new MessageAssembler(16 * MIB, charge).add(
    bomb(16 * MIB),
    () => false,
  );
  assertEquals(charge.most >= 8 * MIB, true);
});

Deno.test("MessageAssembler stops inflating when the message is not needed any more", async () => {
  const charge = new FakeCharge();
  const assembler = new MessageAssembler(16 * MIB, charge);
  assertEquals(await assembler.add(bomb(16 * MIB), () => true), undefined);
  assertEquals(charge.bytes, 0);
});

Deno.test("MessageAssembler fails with 1009 when an inflated message is too long", async () => {
  const charge = new FakeCharge();
  const assembler = new MessageAssembler(MIB, charge);
  const { code } = await assertRejects(
    () => assembler.add(bomb(2 * MIB), () => false),
    MessageFault,
  );
  assertEquals(code, 1009);
  assertEquals(charge.bytes, 0);
});
