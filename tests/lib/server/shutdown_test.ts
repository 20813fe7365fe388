import { assertEquals } from "@std/assert";
import type { Service } from "../../../lib/listener/service.ts";
import { shutdown } from "../../../lib/server/shutdown.ts";
import type { Stoppable } from "../../../lib/stoppable.ts";
import { nextActivity } from "../../../lib/scheduling/activity.ts";
import { FakeConnection } from "../../../lib/testing/mod.ts";
import { serviceOf } from "../../service.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** Longer than any test takes. */
const PATIENT = 60_000;

/** Opens a connection that calls a function when it is closed. */
function connect(
  service: Service,
  onClose: (leave: () => void, code?: number, reason?: string) => void,
): FakeConnection {
  const connection = Object.assign(new FakeConnection({ listener: "edge" }), {
    id: service.sessions.nextId(),
    close: (code?: number, reason?: string) =>
      onClose(() => service.sessions.remove(connection), code, reason),
  });
  service.sessions.reserve();
  service.sessions.add(connection);
  return connection;
}

/** A listener that stops as soon as `stop` is called. */
function listenerOf(onShutdown = () => {}): {
  listener: Stoppable;
  stop: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = {
    shutdown() {
      onShutdown();
      return promise;
    },
  };
  return { listener, stop: resolve };
}

Deno.test("shutdown() returns true without connections", async () => {
  assertEquals(await shutdown(serviceOf(), [], PATIENT), true);
});

Deno.test("shutdown() stops accepting at once, on every listener", async () => {
  const service = serviceOf();
  const events: string[] = [];
  const listeners = ["edge", "frame"].map((name) => ({
    shutdown() {
      events.push(`${name}, draining: ${service.draining}`);
      return Promise.resolve();
    },
  }));
  const done = shutdown(service, listeners, PATIENT);
  assertEquals(events, ["edge, draining: true", "frame, draining: true"]);
  await done;
});

Deno.test("shutdown() closes every connection with 1001", async () => {
  const service = serviceOf();
  const closes: unknown[] = [];
  for (let client = 0; client < 3; client++) {
    connect(service, (leave, code, reason) => {
      closes.push([code, reason]);
      leave();
    });
  }
  assertEquals(await shutdown(service, [], PATIENT), true);
  assertEquals(
    closes,
    Array(3).fill([1001, "the server is shutting down"]),
  );
});

Deno.test("shutdown() drains the work queue before it closes connections", async () => {
  const service = serviceOf();
  const events: string[] = [];
  connect(service, (leave) => {
    events.push("close");
    leave();
  });
  const { workQueue } = service;
  const requested = Promise.withResolvers<void>();
  workQueue.add(async () => {
    await requested.promise;
    events.push("work");
    workQueue.add(() => void events.push("work of work"));
  });
  // The work is not finished before the shutdown waits for it.
  const drained = workQueue.drained.bind(workQueue);
  workQueue.drained = () => {
    requested.resolve();
    return drained();
  };
  await shutdown(service, [], PATIENT);
  assertEquals(events, ["work", "work of work", "close"]);
});

Deno.test("shutdown() handles received data before it closes connections", async () => {
  const service = serviceOf();
  const events: string[] = [];
  connect(service, (leave) => {
    events.push("close");
    leave();
  });
  const done = shutdown(service, [], PATIENT);
  // An event in the next turn of the event loop, as that of a socket.
  setTimeout(() => {
    service.workQueue.add(() => void events.push("late work"));
  }, 0);
  await done;
  assertEquals(events, ["late work", "close"]);
});

Deno.test("shutdown() waits for clients that answer slowly", async () => {
  const service = serviceOf();
  let left = false;
  connect(service, (leave) => {
    setTimeout(() => {
      left = true;
      leave();
    }, 0);
  });
  assertEquals(await shutdown(service, [], PATIENT), true);
  assertEquals(left, true);
});

Deno.test("shutdown() waits for a pending handshake", async () => {
  const service = serviceOf();
  const closing = Promise.withResolvers<void>();
  connect(service, (leave) => {
    leave();
    closing.resolve();
  });
  service.sessions.reserve();
  let done = false;
  const leaving = shutdown(service, [], PATIENT).then((inTime) => {
    done = true;
    return inTime;
  });
  await closing.promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(done, false);
  service.sessions.release();
  assertEquals(await leaving, true);
});

Deno.test("shutdown() waits for the listeners", async () => {
  const service = serviceOf();
  const closing = Promise.withResolvers<void>();
  connect(service, (leave) => {
    leave();
    closing.resolve();
  });
  const { listener, stop } = listenerOf();
  let done = false;
  const leaving = shutdown(service, [listener], PATIENT).then((inTime) => {
    done = true;
    return inTime;
  });
  await closing.promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(done, false);
  stop();
  assertEquals(await leaving, true);
});

Deno.test("shutdown() returns false when a client does not answer in time", async () => {
  const service = serviceOf();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  connect(service, () => resolve());
  assertEquals(await shutdown(service, [], 1), false);
  await closed;
});

Deno.test("shutdown() returns false when a listener does not stop in time", async () => {
  const service = serviceOf();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  connect(service, (leave) => {
    leave();
    resolve();
  });
  const { listener } = listenerOf();
  assertEquals(await shutdown(service, [listener], 1), false);
  await closed;
});

Deno.test("shutdown() waits half a second at most while data arrives", async () => {
  const service = serviceOf();
  let activities = 0;
  const speak = () => {
    for (const connection of service.sessions.list()) {
      Object.assign(connection, { lastActivity: nextActivity() });
    }
    activities++;
  };
  const speaking = setInterval(speak, 1);
  try {
    let activitiesBefore = 0;
    connect(service, (leave) => {
      activitiesBefore = activities;
      leave();
    });
    setTimeout(() => clearInterval(speaking), 100);
    assertEquals(await shutdown(service, [], PATIENT), true);
    assertEquals(activitiesBefore, activities, "closed in the middle");

    const endless = setInterval(speak, 1);
    connect(service, (leave) => leave());
    try {
      assertEquals(await shutdown(service, [], PATIENT), true);
    } finally {
      clearInterval(endless);
    }
  } finally {
    clearInterval(speaking);
  }
});
