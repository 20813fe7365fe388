import { assertEquals, assertRejects } from "@std/assert";
import type { Channel } from "../../../../lib/cluster/bus/channel.ts";
import { threadChannel } from "../../../../lib/cluster/bus/thread_channel.ts";
import { within } from "../../../integration/support/within.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const [A, B, C] = ["aaaaaaaa", "bbbbbbbb", "cccccccc"] as const;

/** A channel and the messages that it receives. */
async function openChannel(instance: string): Promise<{
  channel: Channel;
  next(): Promise<Uint8Array>;
}> {
  const received: Uint8Array[] = [];
  let wake = () => {};
  const opened = Promise.withResolvers<void>();
  const channel = threadChannel("test", [A, B])({
    instance,
    opened: opened.resolve,
    received(message) {
      received.push(message);
      wake();
    },
  });
  await within(opened.promise, "the channel");
  return {
    channel,
    async next() {
      while (received.length === 0) {
        await within(
          new Promise<void>((resolve) => wake = resolve),
          "a message",
        );
      }
      return received.shift()!;
    },
  };
}

Deno.test("threadChannel() delivers to one thread or to all", async () => {
  const a = await openChannel(A);
  const b = await openChannel(B);
  assertEquals(await a.channel.publish(A, Uint8Array.of(0)), 1);
  assertEquals(await a.channel.publish(B, Uint8Array.of(1)), 1);
  assertEquals(await a.channel.publish("all", Uint8Array.of(2)), 2);
  assertEquals(await b.next(), Uint8Array.of(1));
  assertEquals(await b.next(), Uint8Array.of(2));
  assertEquals(await b.channel.publish(A, Uint8Array.of(3)), 1);
  assertEquals(await a.next(), Uint8Array.of(3));
  await Promise.all([a, b].map(({ channel }) => channel.close()));
});

Deno.test("threadChannel() has no receiver for an unknown name", async () => {
  const { channel } = await openChannel(A);
  assertEquals(await channel.publish(C, Uint8Array.of(1)), 0);
  await channel.close();
  assertEquals(channel.isOpen, false);
  await assertRejects(() => channel.publish(A, Uint8Array.of(1)));
});
