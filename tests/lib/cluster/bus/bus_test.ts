import { assertEquals } from "@std/assert";
import { Bus } from "../../../../lib/cluster/bus/bus.ts";
import { FakeNetwork } from "./fake_channel.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const [A, B, C] = ["aaaaaaaa", "bbbbbbbb", "cccccccc"] as const;

/** Buses whose reply is their name, the request and the length of its body. */
async function withBuses(
  instances: readonly string[],
  fn: (network: FakeNetwork, ...buses: Bus[]) => Promise<void>,
): Promise<void> {
  const network = new FakeNetwork();
  const buses = instances.map((instance) =>
    new Bus(
      instance,
      network.open,
      (content, body) =>
        content === "fail"
          ? Promise.reject(new Error("on request"))
          : Promise.resolve([instance, content, body.length]),
    )
  );
  try {
    await settled();
    await fn(network, ...buses);
  } finally {
    await Promise.all(buses.map((bus) => bus.shutdown()));
  }
}

/** Resolves when every pending message is delivered. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("Bus.request() gets the reply of the instance", async () => {
  await withBuses([A, B], async (_network, a) => {
    assertEquals(await a!.request(B, { x: 1 }, new Uint8Array(3)), {
      kind: "answer",
      content: [B, { x: 1 }, 3],
    });
  });
});

Deno.test("Bus.request() is absent for an instance that does not exist", async () => {
  await withBuses([A, B], async (_network, a, b) => {
    assertEquals(await a!.request(C, 1), { kind: "absent" });
    assertEquals(await a!.request("all", 1), { kind: "absent" });
    assertEquals(await a!.request("", 1), { kind: "absent" });
    await b!.shutdown();
    await settled();
    assertEquals(await a!.request(B, 1), { kind: "absent" });
  });
});

Deno.test("Bus.request() is silent for an instance that has just failed", async () => {
  await withBuses([A, B], async (network, a) => {
    network.channel(B).isOpen = false;
    assertEquals(await a!.request(B, 1), { kind: "silent" });
  });
});

Deno.test("Bus.request() is silent for an instance that does not reply", async () => {
  await withBuses([A, B], async (network, a) => {
    network.deaf.add(B);
    assertEquals(await a!.request(B, 1), { kind: "silent" });
    network.deaf.delete(B);
    assertEquals(await a!.request(B, "fail"), { kind: "silent" });
  });
});

Deno.test("Bus sends no request while its channel is closed", async () => {
  await withBuses([A, B], async (network, a) => {
    network.channel(A).isOpen = false;
    assertEquals(await a!.request(B, 1), { kind: "silent" });
    assertEquals(await a!.requestAll(1), { answers: [], partial: true });
  });
});

Deno.test("Bus.request() is absent for no instance just after the channel opened again", async () => {
  await withBuses([A, B], async (network, a) => {
    network.channel(A).isOpen = false;
    network.channel(A).reopen();
    assertEquals(await a!.request(C, 1), { kind: "silent" });
    assertEquals((await a!.request(B, 1)).kind, "answer");
  });
});

Deno.test("Bus.requestAll() gets the replies of all other instances", async () => {
  await withBuses([A, B, C], async (_network, a) => {
    const { answers, partial } = await a!.requestAll(1);
    assertEquals([answers.length, partial], [2, false]);
    assertEquals(answers, [[B, 1, 0], [C, 1, 0]]);
  });
});

Deno.test("Bus.requestAll() is complete for a single instance", async () => {
  await withBuses([A], async (_network, a) => {
    assertEquals(await a!.requestAll(1), { answers: [], partial: false });
  });
});

Deno.test("Bus.requestAll() is partial when a reply is missing", async () => {
  await withBuses([A, B, C], async (network, a) => {
    network.channel(B).isOpen = false;
    assertEquals(await a!.requestAll(1), {
      answers: [[C, 1, 0]],
      partial: true,
    });
    network.deaf.add(C);
    assertEquals(await a!.requestAll(1), { answers: [], partial: true });
  });
});

Deno.test("Bus ignores invalid messages", async () => {
  await withBuses([A, B], async (network, a) => {
    network.deliver("all", Uint8Array.of(9, 9, 9));
    await settled();
    assertEquals((await a!.request(B, 1)).kind, "answer");
  });
});
