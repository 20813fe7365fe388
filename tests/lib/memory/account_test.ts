import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import {
  MemoryAccount,
  type MemoryCharge,
  type MemoryHolder,
  totalsMemory,
} from "../../../lib/memory/account.ts";
import { hasWaitingWork } from "../../../lib/scheduling/scheduler.ts";
import { FakeTime } from "../../handlers/fake_time.ts";

const MIB = 2 ** 20;

/** With this limit, the share of a holder is 1 MiB. */
const LIMIT = 512 * MIB;

/** A connection that gives its memory back when it is closed. */
class Holder implements MemoryHolder {
  readonly isReclaimable: boolean;
  readonly charge: MemoryCharge;
  isHeldBack = false;
  isClosed = false;
  /** Bytes that measure() charges. */
  unmeasured = 0;

  constructor(account: MemoryAccount, isReclaimable = true) {
    this.isReclaimable = isReclaimable;
    this.charge = account.open(this);
  }

  measure(): void {
    const bytes = this.unmeasured;
    this.unmeasured = 0;
    if (bytes !== 0) this.charge.add(bytes);
  }

  holdReading(): void {
    this.isHeldBack = true;
  }

  releaseReading(): void {
    this.isHeldBack = false;
  }

  reclaim(): void {
    this.isClosed = true;
    if (this.isReclaimable) this.charge.close();
  }
}

function holders(account: MemoryAccount, count: number): Holder[] {
  return Array.from({ length: count }, () => new Holder(account));
}

/** Runs the holders that resume. */
async function runWaitingWork(time: FakeTime): Promise<void> {
  while (hasWaitingWork()) {
    time.pass(0);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Asserts that nothing comes but the steps of a collection of garbage. */
function assertNoTimers(time: FakeTime): void {
  time.pass(4000);
  assertEquals(time.timers, 0);
}

/** Registers a test with fake time; waiting work runs at its end. */
function accountTest(
  name: string,
  body: (time: FakeTime) => void | Promise<void>,
): void {
  Deno.test(name, async () => {
    using time = new FakeTime();
    await body(time);
    await runWaitingWork(time);
  });
}

Deno.test("MemoryAccount.total is the sum of all charges", () => {
  const account = new MemoryAccount(LIMIT);
  const [one, other] = [account.open(undefined, 10), account.open()];
  other.add(5);
  assertEquals(account.total, 15);
  other.add(-2);
  one.close();
  assertEquals(account.total, 3);
});

Deno.test("MemoryCharge.add() does nothing when the charge is closed", () => {
  const account = new MemoryAccount(LIMIT);
  const charge = account.open(undefined, 10);
  charge.close();
  charge.add(5);
  charge.close();
  assertEquals([account.total, charge.bytes], [0, 0]);
});

accountTest(
  "MemoryAccount holds back holders above their share above half of the limit",
  () => {
    const account = new MemoryAccount(LIMIT);
    const [small, ...large] = holders(account, 129) as [Holder, ...Holder[]];
    for (const { charge } of large) charge.add(1.9 * MIB);
    assert(large.every(({ isHeldBack }) => !isHeldBack));
    assertEquals([account.isTight, account.isFull], [false, false]);
    for (const { charge } of large) charge.add(0.2 * MIB);
    small.charge.add(0.9 * MIB);
    assert(account.isTight);
    assert(large.some(({ isHeldBack }) => isHeldBack));
    assert(!small.isHeldBack, "it holds little");
    for (const { charge } of large) charge.close();
    assert(large.every(({ isClosed }) => !isClosed));
  },
);

accountTest(
  "MemoryAccount resumes holders when the total has fallen",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const [one, other] = holders(account, 2) as [Holder, Holder];
    one.charge.add(200 * MIB);
    other.charge.add(100 * MIB);
    assertEquals([one.isHeldBack, other.isHeldBack], [false, true]);
    one.charge.add(-60 * MIB);
    assert(other.isHeldBack, "not enough yet");
    one.charge.add(-100 * MIB);
    await runWaitingWork(time);
    assert(!other.isHeldBack);
    assertNoTimers(time);
  },
);

accountTest(
  "MemoryAccount lets only the largest holder read on, and closes it after a second",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const [small, large] = holders(account, 2) as [Holder, Holder];
    small.charge.add(100 * MIB);
    large.charge.add(200 * MIB);
    time.pass(100);
    assertEquals([small.isHeldBack, large.isHeldBack], [false, false]);
    large.charge.add(1);
    small.charge.add(1);
    assertEquals([small.isHeldBack, large.isHeldBack], [true, false]);
    time.pass(900);
    assertEquals([small.isClosed, large.isClosed], [false, false]);
    time.pass(300);
    assertEquals([small.isClosed, large.isClosed], [false, true]);
    await runWaitingWork(time);
    assert(!small.isHeldBack);
    assertNoTimers(time);
  },
);

accountTest(
  "MemoryAccount does not close holders that free no memory",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const holder = new Holder(account, false);
    holder.charge.add(300 * MIB);
    time.pass(5000);
    assertEquals([holder.isHeldBack, holder.isClosed], [true, false]);
    holder.charge.close();
    await runWaitingWork(time);
    assertNoTimers(time);
  },
);

accountTest(
  "MemoryAccount closes as few of the largest holders as needed at three quarters of the limit",
  async () => {
    const account = new MemoryAccount(LIMIT);
    const all = holders(account, 5);
    for (const [i, { charge }] of all.entries()) {
      charge.add((60 + 10 * i) * MIB);
    }
    assert(account.isFull);
    await Promise.resolve();
    assertEquals(all.map(({ isClosed }) => isClosed), [
      false,
      false,
      false,
      true,
      true,
    ]);
    assert(!account.isFull);
  },
);

accountTest(
  "MemoryAccount never acts on small holders, even if there are many",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const all = holders(account, 600);
    for (const { charge } of all) charge.add(0.99 * MIB);
    await Promise.resolve();
    time.pass(5000);
    assert(account.isFull);
    assert(all.every(({ isHeldBack, isClosed }) => !isHeldBack && !isClosed));
  },
);

accountTest(
  "MemoryAccount measures large holders while memory is tight",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const [one, other] = holders(account, 2) as [Holder, Holder];
    one.charge.add(200 * MIB);
    other.charge.add(100 * MIB);
    one.unmeasured = -150 * MIB;
    time.pass(100);
    await runWaitingWork(time);
    assertEquals([account.total, other.isHeldBack], [150 * MIB, false]);
  },
);

accountTest(
  "MemoryAccount resumes a holder that falls below its share",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const [one, other] = holders(account, 2) as [Holder, Holder];
    one.charge.add(300 * MIB);
    other.charge.add(2 * MIB);
    assert(other.isHeldBack);
    other.charge.add(-1.5 * MIB);
    await runWaitingWork(time);
    assert(!other.isHeldBack);
    for (const { charge } of [one, other]) charge.close();
  },
);

accountTest(
  "MemoryAccount never holds back a holder below 512 KiB",
  () => {
    const account = new MemoryAccount(8 * MIB);
    const all = holders(account, 16);
    for (const { charge } of all) charge.add(400 * 1024);
    assert(account.isTight);
    assert(all.every(({ isHeldBack, isClosed }) => !isHeldBack && !isClosed));
  },
);

accountTest(
  "MemoryAccount does not close a holder that has fallen below its share",
  (time) => {
    const account = new MemoryAccount(LIMIT);
    const [one, other] = holders(account, 2) as [Holder, Holder];
    one.charge.add(260 * MIB);
    time.pass(100);
    assertEquals(one.isHeldBack, false, "it continues alone");
    other.charge.add(255 * MIB);
    one.charge.add(-260 * MIB + 10);
    time.pass(2000);
    assertEquals(one.isClosed, false);
    one.charge.close();
    other.charge.close();
  },
);

accountTest(
  "MemoryAccount resumes a holder later if memory is tight again",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const large = new Holder(account);
    const small = account.open(undefined);
    large.charge.add(2 * MIB);
    small.add(300 * MIB);
    large.charge.add(1);
    assert(large.isHeldBack);
    small.add(-100 * MIB);
    // Before the holder resumes.
    small.add(100 * MIB);
    await runWaitingWork(time);
    small.add(-300 * MIB);
    time.pass(200);
    await runWaitingWork(time);
    assert(!large.isHeldBack);
    large.charge.close();
    assertNoTimers(time);
  },
);

Deno.test("MemoryAccount.explained is the total of all threads of the process", () => {
  const memory = totalsMemory(2);
  const [one, other] = [0, 1].map((index) =>
    new MemoryAccount(LIMIT, { memory, index })
  ) as [MemoryAccount, MemoryAccount];
  one.open(undefined, 10);
  other.open(undefined, 5);
  assertEquals(other.explained, 5, "the first total is not published yet");
  assertEquals(one.explained, 15);
  assertEquals(other.explained, 15);
  assertEquals(one.processLimit, 2 * LIMIT);
});

accountTest("MemoryAccount.stop() ends the collection of garbage", (time) => {
  const account = new MemoryAccount(LIMIT);
  const holder = new Holder(account);
  holder.charge.add(300 * MIB);
  holder.charge.close();
  time.pass(100);
  assertEquals(time.timers, 1);
  account.stop();
  assertEquals(time.timers, 0);
});
