import { assert, assertEquals } from "@std/assert";
import { AddressRate } from "../../../../lib/limits/address/address_rate.ts";
import {
  commonClock,
  limiterMemory,
} from "../../../../lib/limits/address/limiter_memory.ts";
import { addressLimiterOf } from "../../../../lib/server/address_limits.ts";

const CLIENT: Deno.NetAddr = {
  transport: "tcp",
  hostname: "203.0.113.7",
  port: 50000,
};

Deno.test("AddressLimiters that share memory count together", () => {
  const limits = {
    maxConnectionsPerIp: 2,
    handshakeRate: 100,
    trustProxy: 0,
  };
  const memory = limiterMemory();
  const limiters = [
    addressLimiterOf(limits, memory),
    addressLimiterOf(limits, memory),
  ];
  const entries = [0, 1, 0, 1].map((i) => limiters[i]!.admit(CLIENT, null));
  assertEquals(entries.map(({ admitted }) => admitted), [
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("AddressRates that share memory count together", () => {
  const memory = AddressRate.memory();
  const rates = [0, 1].map(() => new AddressRate(2, () => 0, memory));
  assertEquals(rates[0]!.take("a"), 0);
  assertEquals(rates[1]!.take("a"), 0);
  assert(rates[0]!.take("a") > 0);
  assertEquals(rates[1]!.size, 1);
});

Deno.test("commonClock() shows the same time in a thread that started later", () => {
  const memory = limiterMemory();
  const clock = commonClock(memory);
  const later = commonClock({ ...memory, epoch: memory.epoch - 5000 });
  const before = clock();
  const between = later() - 5000;
  const after = clock();
  const times = [before, between, after].join(" ");
  // The sum of two offsets is rounded.
  assert(before - 0.1 <= between && between <= after + 0.1, times);
});
