import { assert, assertEquals, assertThrows } from "@std/assert";
import { repeated } from "../integration/support/within.ts";
import { SLICE } from "../../lib/scheduling/scheduler.ts";
import {
  WorkQueue,
  WorkQueueFullError,
  type WorkQueueOptions,
} from "../../lib/work_queue.ts";

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

interface Failure {
  readonly error: unknown;
  readonly origin: string;
}

/** Makes a queue that records its errors. */
function create(
  options: Omit<WorkQueueOptions, "onError"> = {},
): { queue: WorkQueue; failures: Failure[] } {
  const failures: Failure[] = [];
  const onError = (error: unknown, origin: string) => {
    failures.push({ error, origin });
  };
  return { queue: new WorkQueue({ onError, ...options }), failures };
}

/** Whether a promise settles without waiting for a timer or a socket. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return settled;
}

function keepBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

Deno.test("WorkQueue.add() runs work in the order it was added", async () => {
  const { queue } = create();
  const ran: number[] = [];
  for (const number of numbers(100)) queue.add(() => void ran.push(number));
  await queue.drained();
  assertEquals(ran, numbers(100));
});

Deno.test("WorkQueue.add() keeps the order across slices", async () => {
  const { queue } = create();
  const ran: number[] = [];
  for (const number of numbers(500)) {
    queue.add(() => {
      ran.push(number);
      queue.add(() => void ran.push(500 + number));
    });
  }
  await queue.drained();
  assertEquals(ran, numbers(1000));
});

Deno.test("WorkQueue.add() runs work after the caller and before timers", async () => {
  const { queue } = create();
  const events: string[] = [];
  const timer = new Promise<void>((resolve) =>
    setTimeout(() => {
      events.push("timer");
      resolve();
    }, 0)
  );
  queue.add(() => void events.push("work"));
  events.push("caller");
  await timer;
  assertEquals(events, ["caller", "work", "timer"]);
});

Deno.test("WorkQueue.add() never runs work inside the call, even when called by an item", async () => {
  const { queue } = create();
  const events: string[] = [];
  queue.add(() => {
    events.push("outer begins");
    queue.add(() => void events.push("inner"));
    events.push("outer ends");
  });
  await queue.drained();
  assertEquals(events, ["outer begins", "outer ends", "inner"]);
});

Deno.test("WorkQueue.add() does not delay work while an item's promise is pending", async () => {
  const { queue } = create();
  const { promise, resolve } = Promise.withResolvers<void>();
  queue.add(() => promise);
  await new Promise<void>((ran) => queue.add(ran));
  assertEquals(queue.size, 1);
  resolve();
  await queue.drained();
});

Deno.test("WorkQueue.add() reports an error and runs the next item", async () => {
  const { queue, failures } = create();
  const error = new Error("thrown");
  let ranNext = false;
  queue.add(() => {
    throw error;
  }, "the thrower");
  queue.add(() => void (ranNext = true));
  await queue.drained();
  assertEquals(failures, [{ error, origin: "the thrower" }]);
  assert(ranNext);
});

Deno.test("WorkQueue.add() reports a rejection and runs the next item", async () => {
  const { queue, failures } = create();
  const error = new Error("rejected");
  let ranNext = false;
  queue.add(() => Promise.reject(error), "the rejecter");
  queue.add(() => void (ranNext = true));
  await queue.drained();
  assertEquals(failures, [{ error, origin: "the rejecter" }]);
  assert(ranNext);
});

Deno.test("WorkQueue.add() reports errors of later slices", async () => {
  const { queue, failures } = create();
  for (const origin of ["a", "b", "c"]) {
    queue.add(() => {
      keepBusy(SLICE);
      throw origin;
    }, origin);
  }
  await queue.drained();
  assertEquals(failures.map(({ origin }) => origin), ["a", "b", "c"]);
});

Deno.test("WorkQueue.add() reports an unnamed origin as unknown", async () => {
  const { queue, failures } = create();
  queue.add(() => {
    throw "it";
  });
  await queue.drained();
  assertEquals(failures, [{ error: "it", origin: "unknown" }]);
});

Deno.test("WorkQueue lets a timer fire while 100 000 items drain", async () => {
  const { queue } = create({ limit: 100_000 });
  let ran = 0;
  let ranBeforeTimer = 0;
  for (let added = 0; added < 100_000; added++) queue.add(() => void ran++);
  const timer = new Promise<void>((resolve) =>
    setTimeout(() => {
      ranBeforeTimer = ran;
      resolve();
    }, 0)
  );
  await Promise.all([timer, queue.drained()]);
  assert(ranBeforeTimer > 0);
  assert(ranBeforeTimer < 100_000);
  assertEquals(ran, 100_000);
});

Deno.test("WorkQueue lets a timer fire while an item adds itself repeatedly", async () => {
  const { queue } = create();
  let stop = false;
  const again = () => {
    if (!stop) queue.add(again);
  };
  queue.add(again);
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  stop = true;
  await queue.drained();
});

Deno.test(
  "WorkQueue runs the items of a slice in one microtask",
  repeated(async () => {
    const { queue } = create();
    let ran = 0;
    for (let added = 0; added < 300; added++) queue.add(() => void ran++);
    await Promise.resolve();
    assertEquals(ran, 300);
    await queue.drained();
  }),
);

Deno.test("WorkQueue ends a slice after about a millisecond of slow items", async () => {
  const { queue } = create();
  const ran: number[] = [];
  for (const number of numbers(10)) {
    queue.add(() => {
      keepBusy(SLICE);
      ran.push(number);
    });
  }
  await Promise.resolve();
  assert(ran.length > 0 && ran.length < 10, `${ran.length} ran at once`);
  await queue.drained();
  assertEquals(ran, numbers(10));
});

Deno.test("WorkQueue runs a chain of items without a delay between them", async () => {
  const { queue } = create();
  let links = 0;
  const link = () => {
    if (++links < 3000) queue.add(link);
  };
  let timers = 0;
  const timer = setInterval(() => timers++, 0);
  queue.add(link);
  await queue.drained();
  clearInterval(timer);
  assertEquals(links, 3000);
  assert(timers < 100, `${timers} timers fired meanwhile`);
});

Deno.test("WorkQueue.isBusy is true above an eighth of the limit, until whenNotBusy() calls back", async () => {
  const { queue } = create({ limit: 80 });
  const busy: boolean[] = [];
  for (let added = 0; added < 12; added++) {
    queue.add(() => {});
    busy.push(queue.isBusy);
  }
  assertEquals(busy, [...Array(10).fill(false), true, true]);
  const calm = Promise.withResolvers<boolean>();
  queue.whenNotBusy(() => calm.resolve(queue.isBusy));
  assertEquals(await calm.promise, false);
  await queue.drained();
});

Deno.test("WorkQueue.add() throws WorkQueueFullError at the limit", async () => {
  const { queue } = create({ limit: 2 });
  queue.add(() => {});
  queue.add(() => {});
  const error = assertThrows(() => queue.add(() => {}), WorkQueueFullError);
  assertEquals(error.name, "WorkQueueFullError");
  assertEquals(error.message, "the work queue holds its limit of 2 items");
  await queue.drained();
});

Deno.test("WorkQueue.add() runs all accepted items when the limit is reached", async () => {
  const { queue } = create({ limit: 10 });
  const ran: number[] = [];
  for (const number of numbers(10)) queue.add(() => void ran.push(number));
  assertThrows(() => queue.add(() => void ran.push(-1)), WorkQueueFullError);
  await queue.drained();
  assertEquals(ran, numbers(10));
});

Deno.test("WorkQueue.add() accepts items again when a full queue has drained", async () => {
  const { queue } = create({ limit: 1 });
  let ran = 0;
  queue.add(() => void ran++);
  assertThrows(() => queue.add(() => {}), WorkQueueFullError);
  await queue.drained();
  queue.add(() => void ran++);
  await queue.drained();
  assertEquals(ran, 2);
});

Deno.test("WorkQueue.add() holds 65536 items by default", async () => {
  const { queue } = create();
  for (let added = 0; added < 65536; added++) queue.add(() => {});
  assertThrows(() => queue.add(() => {}), WorkQueueFullError, "65536");
  await queue.drained();
});

for (const outcome of ["resolves", "rejects"]) {
  Deno.test(`WorkQueue counts an async item against the limit until it ${outcome}`, async () => {
    const { queue } = create({ limit: 1 });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const started = new Promise<void>((started) =>
      queue.add(() => {
        started();
        return promise;
      })
    );
    await started;
    assertEquals(queue.size, 1);
    assertThrows(() => queue.add(() => {}), WorkQueueFullError);
    if (outcome === "resolves") resolve();
    else reject(new Error("no"));
    await queue.drained();
    assertEquals(queue.size, 0);
    queue.add(() => {});
    await queue.drained();
  });
}

Deno.test("WorkQueue.size counts waiting items", async () => {
  const { queue } = create();
  assertEquals(queue.size, 0);
  queue.add(() => {});
  queue.add(() => {});
  assertEquals(queue.size, 2);
  await queue.drained();
  assertEquals(queue.size, 0);
});

Deno.test("WorkQueue.size does not count items that have run", async () => {
  const { queue } = create();
  const sizes: number[] = [];
  for (const _ of numbers(3)) queue.add(() => void sizes.push(queue.size));
  await queue.drained();
  assertEquals(sizes, [2, 1, 0]);
});

Deno.test("WorkQueue.drained() resolves at once for an empty queue", async () => {
  assert(await isSettled(create().queue.drained()));
});

Deno.test("WorkQueue.drained() waits for an async item", async () => {
  const { queue } = create();
  const { promise, resolve } = Promise.withResolvers<void>();
  queue.add(() => promise);
  const drained = queue.drained();
  assertEquals(await isSettled(drained), false);
  resolve();
  await drained;
});

Deno.test("WorkQueue.drained() waits for work added by work", async () => {
  const { queue } = create();
  let depth = 0;
  const deeper = () => {
    if (++depth < 5) queue.add(deeper);
  };
  queue.add(deeper);
  await queue.drained();
  assertEquals(depth, 5);
});

Deno.test("WorkQueue.drained() waits for work added by an async item", async () => {
  const { queue } = create();
  let ran = false;
  queue.add(async () => {
    await Promise.resolve();
    queue.add(() => void (ran = true));
  });
  await queue.drained();
  assert(ran);
});

Deno.test("WorkQueue.drained() waits for items after a finished async item", async () => {
  const { queue } = create();
  let ran = 0;
  for (let added = 0; added < 3; added++) {
    queue.add(async () => {
      await Promise.resolve();
      ran++;
    });
  }
  await queue.drained();
  assertEquals(ran, 3);
});

Deno.test("WorkQueue.drained() resolves all callers", async () => {
  const { queue } = create();
  queue.add(() => {});
  await Promise.all([queue.drained(), queue.drained()]);
});

Deno.test("WorkQueue.drained() can be called again after it has resolved", async () => {
  const { queue } = create();
  queue.add(() => {});
  await queue.drained();
  const { promise, resolve } = Promise.withResolvers<void>();
  queue.add(() => promise);
  const drained = queue.drained();
  assertEquals(await isSettled(drained), false);
  resolve();
  await drained;
});

Deno.test("WorkQueue.add() refuses work that is no function", () => {
  const queue = new WorkQueue({ onError: () => {} });
  for (const work of [5, undefined, null, Promise.resolve()]) {
    assertThrows(
      () => queue.add(work as unknown as () => void),
      TypeError,
      "allowed: a function",
    );
  }
  assertEquals(queue.size, 0);
});
