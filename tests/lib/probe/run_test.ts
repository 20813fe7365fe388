import { assert, assertEquals } from "@std/assert";
import { steps } from "../../../lib/probe/steps.ts";
import { testWith } from "../../permissions.ts";
import {
  type Behaviour,
  echo,
  serve,
  serverFrame,
  switchProtocols,
} from "./faulty_server.ts";
import { NET, probe, probeOne, SHORT } from "./probing.ts";

testWith(NET, "run() passes every step on a correct echo server", async () => {
  await using server = await serve({
    frame(socket, frame) {
      const text = new TextDecoder().decode(frame.payload);
      if (text !== "Trigger async") echo(socket, frame);
      else setTimeout(() => socket.write(serverFrame(0x81, "Async data")), 5);
    },
  });
  const names = ["handshake", "text", "binary", "empty", "fragmented", "large"];
  const results = await probe(server.url, [...names, "ping", "async", "rtt"]);
  assertEquals(
    results.filter(({ outcome }) => outcome !== "pass").map(({ seen }) => seen),
    [],
  );
  assertEquals(results.length, 9);
  assertEquals(results[4]!.details.frames, 5);
  assertEquals(results[8]!.details.count, 20);
});

testWith(
  NET,
  "run() ignores a greeting and answers PINGs",
  async () => {
    const pongs: string[] = [];
    const behaviour: Behaviour = {
      open(socket) {
        socket.write(serverFrame(0x81, "Welcome"));
        socket.write(serverFrame(0x89, "there?"));
      },
      frame(socket, frame) {
        if (frame.opcode !== 0xa) return echo(socket, frame);
        pongs.push(new TextDecoder().decode(frame.payload));
      },
    };
    await using server = await serve(behaviour);
    const results = await probe(server.url, [
      "handshake",
      "text",
      "close-1000",
    ]);
    assertEquals(results.map(({ outcome }) => outcome), [
      "pass",
      "pass",
      "pass",
    ]);
    assertEquals(pongs[0], "there?");
  },
);

testWith(
  NET,
  "run() continues on a new connection after a failure",
  async () => {
    let connections = 0;
    await using server = await serve({
      open: () => void connections++,
      frame(socket, frame) {
        if (frame.opcode === 0x2) socket.destroy();
        else echo(socket, frame);
      },
    });
    const results = await probe(server.url, [
      "handshake",
      "text",
      "binary",
      "empty",
    ]);
    assertEquals(
      results.map(({ outcome }) => outcome),
      ["pass", "pass", "fail", "pass"],
    );
    // The first, one to check reachability, and one for the next step.
    assertEquals(connections, 3);
  },
);

testWith(
  NET,
  "run() continues with a server that serves one connection at a time",
  async () => {
    let free = Promise.resolve();
    await using server = await serve({
      async answer(socket, accept) {
        const closed = new Promise<void>((resolve) =>
          socket.on("close", () => resolve())
        );
        const before = free;
        free = before.then(() => closed);
        await before;
        if (!socket.destroyed) switchProtocols(socket, accept);
      },
    });
    const only = ["text", "close-1000", "rtt"];
    const results = await probe(server.url, only, SHORT);
    assertEquals(
      results.map(({ outcome, seen }) => outcome === "fail" ? seen : outcome),
      [
        "pass",
        "timed out after 0.3 s, waiting for the response to the handshake",
        "pass",
      ],
    );
  },
);

testWith(
  NET,
  "run() skips async when the server echoes the request",
  async () => {
    const result = await probeOne({}, "async");
    assertEquals(result.outcome, "skip");
    assertEquals(result.seen, "unknown to the server: the text came back");
  },
);

testWith(
  NET,
  "run() skips the remaining steps when the server accepts no WebSocket",
  async () => {
    await using server = await serve({ answer: (socket) => socket.end() });
    const [first, ...others] = await probe(server.url, []);
    assertEquals([first!.name, first!.outcome], ["handshake", "fail"]);
    assert(
      others.every(({ isTried, outcome }) => !isTried && outcome === "skip"),
    );
    assertEquals(others.length, steps().length - 1);
  },
);

testWith(
  NET,
  "run() escapes control characters in the fields of the handshake",
  async () => {
    const result = await probeOne({
      answer: (socket, accept) =>
        switchProtocols(socket, accept, ["X-Name: a\x1b[31mb"]),
    }, "handshake");
    assertEquals(result.outcome, "pass");
    assertEquals(result.lines.at(-1), "X-Name: a\\u001b[31mb");
    const { status, headers } = result.details;
    assertEquals(status, 101);
    assertEquals((headers as string[][]).at(-1), ["X-Name", "a\x1b[31mb"]);
  },
);

testWith(NET, "run() reports a refused connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const [result] = await probe(new URL(`ws://127.0.0.1:${port}/`), []);
  assertEquals(result!.seen, `connection refused by 127.0.0.1:${port}`);
});

testWith(NET, "run() reports a name without an address", async () => {
  const [result] = await probe(new URL("ws://name.invalid/"), []);
  assertEquals(result!.seen, "no address is known for name.invalid");
});
