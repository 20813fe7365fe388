import { assert, assertEquals } from "@std/assert";
import type { ChannelUser } from "../../../lib/cluster/bus/channel.ts";
import type { Service } from "../../../lib/listener/service.ts";
import { Drain } from "../../../lib/server/drain.ts";
import { FakeConnection } from "../../../lib/testing/mod.ts";
import { serviceOf } from "../../service.ts";

/** A close of a connection. */
interface Close {
  readonly id: string;
  readonly code: number | undefined;
  readonly after: number;
}

/** Opens connections that record their close, and leave at once. */
function connect(service: Service, count: number): Close[] {
  const closes: Close[] = [];
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const id = service.sessions.nextId();
    const connection = Object.assign(new FakeConnection({ listener: "edge" }), {
      id,
      close(code?: number) {
        closes.push({ id, code, after: performance.now() - start });
        service.sessions.remove(connection);
      },
    });
    service.sessions.reserve();
    service.sessions.add(connection);
  }
  return closes;
}

Deno.test("Drain closes all clients at once without a time", async () => {
  const service = serviceOf();
  const closes = connect(service, 5);
  const drain = new Drain(service, undefined);
  assertEquals(drain.options, undefined);
  await drain.start({ time: 0, code: 1012 });
  assertEquals(service.draining, true);
  assertEquals(closes.map(({ code }) => code), Array(5).fill(1012));
});

Deno.test("Drain spreads the closes over the time, the oldest first", async () => {
  const service = serviceOf();
  const closes = connect(service, 10);
  const drain = new Drain(service, undefined);
  const start = performance.now();
  const done = drain.start({ time: 400, code: 1001 });
  assertEquals(closes, []);
  const { rest } = drain;
  const took = performance.now() - start;
  assert(rest >= 399 - took && rest <= 400, `${rest} ms after ${took} ms`);
  await done;
  assertEquals(
    closes.map(({ id }) => Number(id.split("-")[1])),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  for (const [index, { after }] of closes.entries()) {
    assert(after >= index * 40, `close ${index} after ${after} ms`);
  }
});

Deno.test("Drain closes a connection that opens meanwhile", async () => {
  const service = serviceOf();
  const drain = new Drain(service, undefined);
  const early = connect(service, 2);
  const done = drain.start({ time: 100, code: 1012 });
  const late = connect(service, 1);
  await done;
  assertEquals([early.length, late.length], [2, 1]);
  assert(service.sessions.isClosed);
});

Deno.test("Drain ends when the last client has left", async () => {
  const service = serviceOf();
  const drain = new Drain(service, undefined);
  connect(service, 3);
  const done = drain.start({ time: 60_000, code: 1012 });
  for (const connection of [...service.sessions.list()]) connection.close();
  await done;
});

Deno.test("Drain is started once", async () => {
  const service = serviceOf();
  const closes = connect(service, 2);
  const drain = new Drain(service, undefined);
  const first = drain.start({ time: 0, code: 1001 });
  assertEquals(drain.start({ time: 60_000, code: 1012 }), first);
  assertEquals(drain.options, { time: 0, code: 1001 });
  await first;
  assertEquals(closes.map(({ code }) => code), [1001, 1001]);
});

Deno.test("Drain.close() waits for a drain that runs", async () => {
  const service = serviceOf();
  const closes = connect(service, 2);
  const drain = new Drain(service, undefined);
  void drain.start({ time: 100, code: 1012 });
  await drain.close(0);
  assertEquals(closes.map(({ code }) => code), [1012, 1012]);
});

Deno.test("Drain.destroy() ends the waiting", async () => {
  const service = serviceOf();
  const closes = connect(service, 2);
  const drain = new Drain(service, undefined);
  const done = drain.start({ time: 60_000, code: 1012 });
  drain.destroy();
  await done;
  assertEquals(closes.length, 2);
});

Deno.test("Drain starts in every thread, and is sent on once", async () => {
  const users: ChannelUser[] = [];
  let sent = 0;
  const open = (user: ChannelUser) => {
    users.push(user);
    return {
      isOpen: true,
      publish(_to: string, message: Uint8Array<ArrayBuffer>) {
        sent++;
        for (const user of users) user.received(message);
        return Promise.resolve(users.length);
      },
      close: () => Promise.resolve(),
    };
  };
  const services = [serviceOf(), serviceOf()];
  const closes = services.map((service) => connect(service, 1));
  const drains = services.map((service) => new Drain(service, open));
  await drains[0]!.start({ time: 0, code: 1012 });
  await drains[1]!.start({ time: 0, code: 1001 });
  assertEquals(sent, 1);
  assertEquals(closes.map(([close]) => close!.code), [1012, 1012]);
});
