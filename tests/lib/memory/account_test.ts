import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import {
  MemoryAccount,
  type MemoryCharge,
  type MemoryHolder,
  totalsMemory,
} from "../../../lib/memory/account.ts";
import { hasWaitingWork } from "../../../lib/scheduling/scheduler.ts";
import { FakeTime } from "../../handlers/behaviour/fake_time.ts";

const MIB = 2 ** 20;

/** The share of a holder is 1 MiB then. */
const LIMIT = 512 * MIB;

/** A connection that gives its memory back when it is asked to end. */
class Holder implements MemoryHolder {
  readonly isReclaimable: boolean;
  readonly charge: MemoryCharge;
  isHeldBack = false;
  isEnded = false;
  /** Charged when it is asked what it holds. */
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

  holdBack(): void {
    this.isHeldBack = true;
  }

  goOn(): void {
    this.isHeldBack = false;
  }

  reclaim(): void {
    this.isEnded = true;
    if (this.isReclaimable) this.charge.close();
  }
}

function holders(account: MemoryAccount, count: number): Holder[] {
  return Array.from({ length: count }, () => new Holder(account));
}

/** Lets those go on that were told to, one after the other. */
async function goOn(time: FakeTime): Promise<void> {
  while (hasWaitingWork()) {
    time.pass(0);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** A test in which time passes when it says so; nothing is left to go on at its end. */
function accountTest(
  name: string,
  body: (time: FakeTime) => void | Promise<void>,
): void {
  Deno.test(name, async () => {
    using time = new FakeTime();
    await body(time);
    await goOn(time);
  });
}

Deno.test("MemoryAccount.total is what all charges have", () => {
  const account = new MemoryAccount(LIMIT);
  const [one, other] = [account.open(undefined, 10), account.open()];
  other.add(5);
  assertEquals(account.total, 15);
  other.add(-2);
  one.close();
  assertEquals(account.total, 3);
});

Deno.test("MemoryCharge.add() does nothing once it is closed", () => {
  const account = new MemoryAccount(LIMIT);
  const charge = account.open(undefined, 10);
  charge.close();
  charge.add(5);
  charge.close();
  assertEquals([account.total, charge.bytes], [0, 0]);
});

accountTest(
  "MemoryAccount holds back what grows above its share from half of the limit on",
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
    assert(large.every(({ isEnded }) => !isEnded));
  },
);

accountTest(
  "MemoryAccount lets holders go on when enough is given back",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const [one, other] = holders(account, 2) as [Holder, Holder];
    one.charge.add(200 * MIB);
    other.charge.add(100 * MIB);
    assertEquals([one.isHeldBack, other.isHeldBack], [false, true]);
    one.charge.add(-60 * MIB);
    assert(other.isHeldBack, "not enough yet");
    one.charge.add(-100 * MIB);
    await goOn(time);
    assert(!other.isHeldBack);
    assertEquals(time.timers, 0);
  },
);

accountTest(
  "MemoryAccount lets the largest holder go on alone, and closes it after a second",
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
    assertEquals([small.isEnded, large.isEnded], [false, false]);
    time.pass(300);
    assertEquals([small.isEnded, large.isEnded], [false, true]);
    await goOn(time);
    assertEquals([time.timers, small.isHeldBack], [0, false]);
  },
);

accountTest(
  "MemoryAccount does not close for nothing what gives no memory back",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const holder = new Holder(account, false);
    holder.charge.add(300 * MIB);
    time.pass(5000);
    assertEquals([holder.isHeldBack, holder.isEnded], [true, false]);
    holder.charge.close();
    await goOn(time);
    assertEquals(time.timers, 0);
  },
);

accountTest(
  "MemoryAccount closes the largest holders at three quarters of the limit, and no more than it has to",
  async () => {
    const account = new MemoryAccount(LIMIT);
    const all = holders(account, 5);
    for (const [i, { charge }] of all.entries()) {
      charge.add((60 + 10 * i) * MIB);
    }
    assert(account.isFull);
    await Promise.resolve();
    assertEquals(all.map(({ isEnded }) => isEnded), [
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
  "MemoryAccount never acts on many that hold little each",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const all = holders(account, 600);
    for (const { charge } of all) charge.add(0.99 * MIB);
    await Promise.resolve();
    time.pass(5000);
    assert(account.isFull);
    assert(all.every(({ isHeldBack, isEnded }) => !isHeldBack && !isEnded));
  },
);

accountTest(
  "MemoryAccount asks large holders what they hold while memory is tight",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const [one, other] = holders(account, 2) as [Holder, Holder];
    one.charge.add(200 * MIB);
    other.charge.add(100 * MIB);
    one.unmeasured = -150 * MIB;
    time.pass(100);
    await goOn(time);
    assertEquals([account.total, other.isHeldBack], [150 * MIB, false]);
  },
);

accountTest(
  "MemoryAccount lets a holder go on that falls below its share",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const [one, other] = holders(account, 2) as [Holder, Holder];
    one.charge.add(300 * MIB);
    other.charge.add(2 * MIB);
    assert(other.isHeldBack);
    other.charge.add(-1.5 * MIB);
    await goOn(time);
    assert(!other.isHeldBack);
    for (const { charge } of [one, other]) charge.close();
  },
);

accountTest(
  "MemoryAccount holds back nobody below 512 KiB, however low the limit",
  () => {
    const account = new MemoryAccount(8 * MIB);
    const all = holders(account, 16);
    for (const { charge } of all) charge.add(400 * 1024);
    assert(account.isTight);
    assert(all.every(({ isHeldBack, isEnded }) => !isHeldBack && !isEnded));
  },
);

accountTest(
  "MemoryAccount does not close the one that went on and holds little by then",
  (time) => {
    const account = new MemoryAccount(LIMIT);
    const [one, other] = holders(account, 2) as [Holder, Holder];
    one.charge.add(260 * MIB);
    time.pass(100);
    assertEquals(one.isHeldBack, false, "it goes on alone");
    other.charge.add(255 * MIB);
    one.charge.add(-260 * MIB + 10);
    time.pass(2000);
    assertEquals(one.isEnded, false);
    one.charge.close();
    other.charge.close();
  },
);

accountTest(
  "MemoryAccount has those go on that could not because memory was tight again",
  async (time) => {
    const account = new MemoryAccount(LIMIT);
    const large = new Holder(account);
    const small = account.open(undefined);
    large.charge.add(2 * MIB);
    small.add(300 * MIB);
    large.charge.add(1);
    assert(large.isHeldBack);
    small.add(-100 * MIB);
    // Before its turn has come.
    small.add(100 * MIB);
    await goOn(time);
    small.add(-300 * MIB);
    time.pass(200);
    await goOn(time);
    assert(!large.isHeldBack);
    large.charge.close();
    assertEquals(time.timers, 0);
  },
);

Deno.test("MemoryAccount.explained is what the threads of the process hold together", () => {
  const memory = totalsMemory(2);
  const [one, other] = [0, 1].map((index) =>
    new MemoryAccount(LIMIT, { memory, index })
  ) as [MemoryAccount, MemoryAccount];
  one.open(undefined, 10);
  other.open(undefined, 5);
  assertEquals(other.explained, 5, "the other one has not told yet");
  assertEquals(one.explained, 15);
  assertEquals(other.explained, 15);
  assertEquals(one.processLimit, 2 * LIMIT);
});
