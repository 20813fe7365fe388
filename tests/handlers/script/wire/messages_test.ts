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
    isLast: true,
    final: true,
    rsv: 4,
    payload: Uint8Array.from(data.subarray(0, -4)),
  };
}

function assemblerOf(maxPayload: number, charge: FakeCharge): MessageAssembler {
  return new MessageAssembler({ maxPayload, maxFragments: 3 }, charge);
}

Deno.test("MessageAssembler yields to other connections while it inflates", async () => {
  const charge = new FakeCharge();
  const assembler = assemblerOf(16 * MIB, charge);
  let others = 0;
  const message = assembler.add(bomb(16 * MIB), () => false);
  yieldToOthers(() => others++);
  assertEquals((await message)?.length, 16 * MIB);
  assertEquals(others, 1);
  assertEquals(charge.bytes, 0);
});

Deno.test("MessageAssembler charges the memory of a message while it inflates", async () => {
  const charge = new FakeCharge();
  await assemblerOf(16 * MIB, charge).add(
    bomb(16 * MIB),
    () => false,
  );
  assertEquals(charge.most >= 8 * MIB, true);
});

Deno.test("MessageAssembler stops inflating when the message is not needed any more", async () => {
  const charge = new FakeCharge();
  const assembler = assemblerOf(16 * MIB, charge);
  assertEquals(await assembler.add(bomb(16 * MIB), () => true), undefined);
  assertEquals(charge.bytes, 0);
});

Deno.test("MessageAssembler fails with 1009 when an inflated message is too long", async () => {
  const charge = new FakeCharge();
  const assembler = assemblerOf(MIB, charge);
  const { code } = await assertRejects(
    () => assembler.add(bomb(2 * MIB), () => false),
    MessageFault,
  );
  assertEquals(code, 1009);
  assertEquals(charge.bytes, 0);
});

Deno.test("MessageAssembler fails with 1008 when a message has too many frames, not parts", async () => {
  const assembler = assemblerOf(MIB, new FakeCharge());
  const add = (isLast: boolean, final: boolean) =>
    assembler.add(
      { opcode: 2, rsv: 0, isLast, final, payload: new Uint8Array(1) },
      () => false,
    );
  for (let message = 1; message <= 2; message++) {
    for (let part = 0; part < 5; part++) await add(false, false);
    for (let frame = 1; frame < 3; frame++) await add(true, false);
    assertEquals((await add(true, true))?.length, 8);
  }
  for (let frame = 1; frame <= 3; frame++) await add(true, false);
  const { code } = await assertRejects(() => add(true, false), MessageFault);
  assertEquals(code, 1008);
});
