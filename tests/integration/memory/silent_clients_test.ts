import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { RefusedAddresses } from "../../../lib/edge/refused_addresses.ts";
import { SilentClients } from "../../../lib/edge/silent_clients.ts";
import { echo } from "../../../handlers/echo/echo.ts";
import { setupLog } from "../../../lib/log/log.ts";
import {
  firstActivity,
  noteEnd,
  noteWrite,
} from "../../../lib/scheduling/activity.ts";
import { Router } from "../../../lib/routing/router.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect } from "../support/client.ts";
import { NEEDS } from "../support/suite.ts";
import { eventually, within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Bytes between two samples. */
const GROWTH = 100 * 2 ** 20;

testWith(
  NEEDS,
  "SilentClients closes the client that sends no message while the process grows, and no other",
  async () => {
    const service = serviceOf({ router: new Router({ "/ws": echo }) });
    await using server = listenBoth(service);
    const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
    await using silent = await connect(url);
    await using talking = await connect(url);
    let isClosed = false;
    const closed = silent.closed.then((end) => {
      isClosed = true;
      return end;
    });
    let bytes = 0;
    const silentClients = new SilentClients(service, new RefusedAddresses(), {
      unexplained: () => bytes += GROWTH,
    });
    try {
      while (!isClosed) {
        talking.send("echo");
        assertEquals(await talking.next(), "echo");
      }
      assertEquals((await within(closed, "its end")).code, 1001);
      talking.send("still there");
      assertEquals(await talking.next(), "still there");
    } finally {
      silentClients.stop();
    }
  },
);

testWith(
  NEEDS,
  "SilentClients ends open requests while the process grows, and closes clients if it continues",
  async () => {
    const service = serviceOf({ router: new Router({ "/ws": echo }) });
    await using server = listenBoth(service);
    const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
    await using silent = await connect(url);
    let isClosed = false;
    const closed = silent.closed.then(() => isClosed = true);
    const allowed = service.memory.processLimit;
    let bytes = allowed;
    const ended: string[] = [];
    const add = (name: string) =>
      void service.openRequests.add(() => {
        ended.push(name);
        // There is always another one.
        add(`${name}'`);
      });
    add("older");
    add("newer");
    const silentClients = new SilentClients(service, new RefusedAddresses(), {
      unexplained: () => bytes,
    });
    const until = (count: number) =>
      eventually(() => ended.length >= count, `${count} ended requests`);
    try {
      bytes = 1.1 * allowed;
      await until(1);
      assertEquals(ended, ["newer"]);
      bytes = 1.3 * allowed;
      await until(3);
      assertEquals(ended.slice(1).toSorted(), ["newer'", "older"]);
      for (let count = 5; count < 25; count += 2) {
        bytes += GROWTH;
        await until(count);
      }
      assert(!isClosed);
      bytes = 1.6 * allowed;
      await eventually(() => (bytes += GROWTH, isClosed), "the end");
      await closed;
    } finally {
      silentClients.stop();
    }
  },
);

testWith(
  NEEDS,
  "SilentClients closes no client where the process is large and does not grow",
  async () => {
    const service = serviceOf({ router: new Router({ "/ws": echo }) });
    await using server = listenBoth(service);
    const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
    let looks = 0;
    let told = () => {};
    const silentClients = new SilentClients(service, new RefusedAddresses(), {
      unexplained: () => {
        looks++;
        told();
        return 10 * GROWTH + looks;
      },
    });
    const look = (number: number) =>
      new Promise<void>((resolve) => {
        told = () => looks >= number && resolve();
      });
    try {
      await within(look(1), "the look that sees the process grow");
      await using silent = await connect(url);
      await within(look(looks + 10), "looks at the process");
      silent.send("still there");
      assertEquals(await silent.next(), "still there");
    } finally {
      silentClients.stop();
    }
  },
);

testWith(
  NEEDS,
  "SilentClients closes the newest silent client while reads starve, and no other",
  async () => {
    const service = serviceOf({ router: new Router({ "/ws": echo }) });
    await using server = listenBoth(service);
    const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
    await using talking = await connect(url);
    await using older = await connect(url);
    await using newest = await connect(url);
    let isStarving = true;
    // A broadcast before the start explains nothing after it.
    for (let write = 0; write < 10_000_000; write++) noteWrite();
    const refusedAddresses = new RefusedAddresses();
    const silentClients = new SilentClients(service, refusedAddresses, {
      unexplained: () => 0,
      probe: {
        isStarving: () =>
          new Promise((resolve) => setImmediate(() => resolve(isStarving))),
        stop() {},
      },
    });
    const closed = newest.closed.then((end) => {
      isStarving = false;
      return end;
    });
    try {
      while (isStarving) {
        talking.send("echo");
        assertEquals(await talking.next(), "echo");
      }
      assertEquals((await within(closed, "its end")).code, 1001);
      assert(refusedAddresses.has("127.0.0.1"));
      for (const client of [talking, older]) {
        client.send("still there");
        assertEquals(await client.next(), "still there");
      }
    } finally {
      silentClients.stop();
    }
  },
);

testWith(
  NEEDS,
  "SilentClients does not list the sessions while reads do not starve",
  async () => {
    const service = serviceOf({ router: new Router({ "/ws": echo }) });
    await using server = listenBoth(service);
    const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
    await using _one = await connect(url);
    await using _other = await connect(url);
    const { sessions } = service;
    const list = sessions.list.bind(sessions);
    let lists = 0;
    sessions.list = () => {
      lists++;
      return list();
    };
    const probed = Promise.withResolvers<void>();
    let probes = 0;
    const silentClients = new SilentClients(service, new RefusedAddresses(), {
      unexplained: () => 0,
      probe: {
        isStarving() {
          if (++probes === 3) probed.resolve();
          return Promise.resolve(false);
        },
        stop() {},
      },
    });
    try {
      await within(probed.promise, "three uses of the probe");
      assertEquals(lists, 0);
    } finally {
      silentClients.stop();
    }
  },
);

/** Work that also uses the event loop's budget: the function that counts each piece. */
const WORK = {
  "a broadcast": noteWrite,
  "the opening of many connections": firstActivity,
  "the end of many connections": noteEnd,
};

for (const [name, count] of Object.entries(WORK)) {
  testWith(
    NEEDS,
    `SilentClients closes no client in the time that ${name} takes`,
    async () => {
      const service = serviceOf({ router: new Router({ "/ws": echo }) });
      await using server = listenBoth(service);
      const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
      await using one = await connect(url);
      await using other = await connect(url);
      let until = Infinity;
      const silentClients = new SilentClients(service, new RefusedAddresses(), {
        unexplained: () => 0,
        probe: {
          async isStarving() {
            if (until === Infinity) {
              // At least 20 ms for each thousand.
              for (let piece = 0; piece < 1_000_000; piece++) count();
              until = performance.now() + 800;
            }
            await new Promise((resolve) => setImmediate(resolve));
            return performance.now() < until;
          },
          stop() {},
        },
      });
      try {
        while (!(performance.now() > until)) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        for (const client of [one, other]) {
          client.send("still there");
          assertEquals(await client.next(), "still there");
        }
      } finally {
        silentClients.stop();
      }
    },
  );
}
