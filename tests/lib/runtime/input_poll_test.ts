import { assert } from "@std/assert";
import { setImmediate } from "node:timers";
import { InputPoll } from "../../../lib/runtime/input_poll.ts";
import { repeated } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** Callbacks of `setImmediate` that the runtime runs between two polls, halved. */
const HALF = 30;

/** Counts the callbacks of `setImmediate` until a promise resolves. */
function immediatesUntil(promise: Promise<unknown>): Promise<number> {
  let isDone = false;
  promise.then(() => isDone = true);
  return new Promise((resolve) => {
    let count = 0;
    const next = () => {
      if (isDone) return resolve(count);
      count++;
      setImmediate(next);
    };
    next();
  });
}

/** Runs a function with both ends of a TCP connection. */
async function withLoop(
  use: (writer: Deno.Conn, reader: Deno.Conn) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  using writer = await Deno.connect({ hostname, port });
  using reader = await accepting;
  await use(writer, reader);
}

// When this fails, input_poll.ts can be removed.
testWith(
  { net: true },
  "runtime still runs dozens of immediates between two polls for input",
  repeated(() =>
    withLoop(async (writer, reader) => {
      const reading = reader.read(new Uint8Array(1));
      await new Promise((resolve) => setImmediate(resolve));
      const writing = writer.write(new Uint8Array(1));
      const count = await immediatesUntil(reading);
      await writing;
      assert(count > HALF, `${count} immediates`);
    })
  ),
);

for (const connection of ["a loopback", "no"] as const) {
  testWith(
    { net: true },
    `InputPoll.poll() with ${connection} connection calls back after a poll for other input`,
    repeated(async () => {
      const poll = new InputPoll();
      if (connection !== "no") poll.retain();
      await withLoop(async (writer, reader) => {
        let isReceived = false;
        const reading = reader.read(new Uint8Array(1)).then(() =>
          isReceived = true
        );
        await writer.write(new Uint8Array(1));
        await new Promise<void>((resolve) => poll.poll(resolve));
        await new Promise<void>((resolve) => poll.poll(resolve));
        assert(isReceived);
        await reading;
      });
      if (connection !== "no") await poll.release();
    }),
  );
}
