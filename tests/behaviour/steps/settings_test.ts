import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect as connectClient } from "../../../lib/client/mod.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { suite } from "../../integration/support/suite.ts";
import {
  closeFrame,
  frame,
  handshake,
  OPCODE,
} from "../../integration/support/wire.ts";
import { repeated, within } from "../../integration/support/within.ts";
import { play, split } from "./bytes.ts";

/** Milliseconds of the waits that are measured. */
const TIME = 100;

/** Allows for timers that are a little early. */
const LEAST = TIME - 1;

/** Measures milliseconds. */
async function timed<T>(run: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await run;
  return [result, performance.now() - start];
}

suite(
  "frame listener: plans that read and write on the wire",
  { CLOSE_TIMEOUT: "0.3" },
  async (server, step) => {
    const at = server.address("frame");
    const open = (plan: string) => RawClient.upgrade(at, `/do/${plan}`);

    await step(
      "a plan on the wire echoes, answers PING and CLOSE",
      async () => {
        using client = await open("raw:/echo");
        await client.write(frame(OPCODE.text, "hel", false));
        await client.write(frame(OPCODE.ping, "now"));
        await client.write(frame(OPCODE.continuation, "lo"));
        assertEquals(await client.text(OPCODE.pong), "now");
        assertEquals(await client.text(), "hello");
        await client.write(frame(OPCODE.binary, Uint8Array.of(1, 2)));
        assertEquals((await client.frame()).payload, Uint8Array.of(1, 2));
        await client.write(closeFrame(4000, "bye"));
        assertEquals(await client.closeCode(), 4000);
        assertEquals((await client.end()).length, 0);
      },
    );

    await step(
      "a plan that is over stays open until the client's CLOSE",
      async () => {
        using client = await open("raw:8a00");
        assertEquals(await client.text(OPCODE.pong), "");
        await client.write(frame(OPCODE.text, "ignored"));
        await client.write(frame(OPCODE.ping, "still there"));
        assertEquals(await client.text(OPCODE.pong), "still there");
        await client.write(closeFrame(1000));
        assertEquals(await client.closeCode(), 1000);
        assertEquals((await client.end()).length, 0);
      },
    );

    await step("messages that come early wait for their step", async () => {
      using client = await open(`raw:/wait:${TIME}/echo:2/close:1000`);
      for (const text of ["one", "two", "three"]) {
        await client.write(frame(OPCODE.text, text));
      }
      assertEquals(await client.text(), "one");
      assertEquals(await client.text(), "two");
      assertEquals(await client.closeCode(), 1000);
    });

    await step("a client that violates RFC 6455 gets 1002", async () => {
      using client = await open("raw:/echo");
      await client.write(Uint8Array.of(0x81, 0x01, 0x61));
      assertEquals(await client.closeCode(), 1002);
      assertEquals((await client.end()).length, 0);
    });

    await step("a text that is not UTF-8 gets 1007", async () => {
      using client = await open("raw:/echo");
      await client.write(frame(OPCODE.text, Uint8Array.of(0xff)));
      assertEquals(await client.closeCode(), 1007);
    });

    await step(
      "a compressed message is inflated where deflate is agreed",
      async () => {
        using client = await RawClient.upgrade(at, "/do/deflate/echo", {
          "Sec-WebSocket-Extensions": "permessage-deflate",
        });
        const compressed = Uint8Array.fromHex("f248cdc9c90700");
        const masked = frame(OPCODE.text, compressed);
        masked[0]! |= 0x40;
        await client.write(masked);
        assertEquals(await client.text(), "Hello");
      },
    );

    await step("no-pong answers no PING", async () => {
      for (const path of ["/do/no-pong/echo", "/fault/no-pong"]) {
        using client = await RawClient.upgrade(at, path);
        await client.write(frame(OPCODE.ping, "?"));
        await client.write(frame(OPCODE.text, "echo"));
        assertEquals(await client.text(), "echo");
      }
    });

    await step("late-pong answers after its time", async () => {
      using client = await open(`late-pong:${TIME}/echo`);
      const [text, ms] = await timed(
        client.write(frame(OPCODE.ping, "?"))
          .then(() => client.text(OPCODE.pong)),
      );
      assertEquals(text, "?");
      assert(ms >= LEAST, `${ms} ms`);
    });

    await step(
      "late-pong bounds the PONGs that wait, and ends TCP then",
      async () => {
        using client = await open("late-pong:3600000/echo");
        const pings = new Uint8Array(
          Array.from({ length: 10_000 }, () => [...frame(OPCODE.ping)]).flat(),
        );
        await client.write(pings);
        assertEquals(await client.closeCode(), 1008);
        assertEquals((await within(client.end(), "the end of TCP")).length, 0);
      },
    );

    await step("a message in many empty fragments is echoed", async () => {
      using client = await open("raw:/echo");
      await client.write(frame(OPCODE.text, "a", false));
      const empty = frame(OPCODE.continuation, "", false);
      await client.write(
        new Uint8Array(Array.from({ length: 2000 }, () => [...empty]).flat()),
      );
      await client.write(frame(OPCODE.continuation, "b"));
      assertEquals(await client.text(), "ab");
    });

    await step("wrong-pong answers with another payload", async () => {
      for (const path of ["/do/wrong-pong/echo", "/fault/wrong-pong"]) {
        using client = await RawClient.upgrade(at, path);
        await client.write(frame(OPCODE.ping, Uint8Array.of(0x00, 0x61)));
        const { opcode, payload } = await client.frame();
        assertEquals([opcode, payload.toHex()], [OPCODE.pong, "ff9e"]);
        await client.write(frame(OPCODE.ping));
        assertEquals(await client.text(OPCODE.pong), "?");
      }
    });

    await step("no-close answers no CLOSE, and leaves TCP open", async () => {
      for (const path of ["/do/no-close/echo", "/fault/close-not-answered"]) {
        using client = await RawClient.upgrade(at, path);
        await client.write(closeFrame(1000));
        await client.write(frame(OPCODE.text, "still there"));
        assertEquals(await client.text(), "still there");
        await client.conn.closeWrite();
        assertEquals((await client.end()).length, 0);
      }
    });

    await step("late-close answers after its time", async () => {
      using client = await open(`late-close:${TIME}/echo`);
      const [code, ms] = await timed(
        client.write(closeFrame(4001)).then(() => client.closeCode()),
      );
      assertEquals(code, 4001);
      assert(ms >= LEAST, `${ms} ms`);
      assertEquals((await client.end()).length, 0);
    });

    await step("cut-on-close ends TCP without an answer", async () => {
      for (const path of ["/do/cut-on-close/echo", "/fault/cut-on-close"]) {
        using client = await RawClient.upgrade(at, path);
        await client.write(closeFrame(1000));
        assertEquals((await client.end()).length, 0);
      }
    });

    await step("await:close leaves the answer to the plan", async () => {
      using client = await open("await:close/text:late/close:4002");
      await client.write(closeFrame(1000));
      assertEquals(await client.text(), "late");
      assertEquals(await client.closeCode(), 4002);
      assertEquals((await client.end()).length, 0);
    });

    await step(
      "await:close without an answer in the plan is answered at its end",
      async () => {
        using client = await open(`await:close/wait:${TIME}`);
        const [code, ms] = await timed(
          client.write(closeFrame(4003)).then(() => client.closeCode()),
        );
        assertEquals(code, 4003);
        assert(ms >= LEAST, `${ms} ms`);
      },
    );

    await step("close-from-both sends its own code", async () => {
      for (
        const [path, code] of [
          ["/do/close-from-both", 1001],
          ["/do/close-from-both:4004", 4004],
          ["/fault/crossing-closes", 1001],
        ] as const
      ) {
        using client = await RawClient.upgrade(at, path);
        await client.write(closeFrame(1000));
        assertEquals(await client.closeCode(), code);
        assertEquals((await client.end()).length, 0);
      }
    });

    await step(
      "close-then-keep-open waits for the client to end TCP",
      async () => {
        using client = await open("close-then-keep-open:4005");
        assertEquals(await client.closeCode(), 4005);
        await client.write(closeFrame(4005));
        await client.write(frame(OPCODE.ping, "open"));
        // Longer than CLOSE_TIMEOUT, which ends other connections.
        const ended = client.end().then(() => "ended");
        const waited = new Promise<string>((resolve) =>
          setTimeout(() => resolve("open"), 600)
        );
        assertEquals(await Promise.race([ended, waited]), "open");
        await client.conn.closeWrite();
        assertEquals(await ended, "ended");
      },
    );

    await step(
      "close ends TCP after CLOSE_TIMEOUT without an answer",
      async () => {
        // The time begins before the server has sent its CLOSE.
        const [[code, rest], ms] = await timed((async () => {
          using client = await open("raw:/close:1000");
          return [await client.closeCode(), await client.end()] as const;
        })());
        assertEquals([code, rest.length], [1000, 0]);
        assert(ms >= 250, `${ms} ms`);
      },
    );

    await step("close ends TCP when the client answers", async () => {
      using client = await open("raw:/close:1000");
      assertEquals(await client.closeCode(), 1000);
      await client.write(closeFrame(1000));
      assertEquals((await client.end()).length, 0);
    });

    await step("half-close continues to read", async () => {
      using client = await open("half-close/await:1/abort");
      assertEquals((await client.end()).length, 0);
      await client.write(frame(OPCODE.text, "read"));
      await client.conn.closeWrite();
    });

    await step("slow-read reads at its rate", async () => {
      using client = await open("slow-read:1000/echo:1");
      const [text, ms] = await timed(
        (async () => {
          await client.write(frame(OPCODE.text, "x".repeat(300)));
          return await client.text();
        })(),
      );
      assertEquals(text.length, 300);
      assert(ms >= 200, `${ms} ms`);
    });

    await step("slow-write writes at its rate", async () => {
      const [text, ms] = await timed((async () => {
        using client = await open(`slow-write:100/size:20/abort`);
        return await client.text();
      })());
      assertEquals(text.length, 20);
      assert(ms >= 100, `${ms} ms`);
    });

    await step(
      "stall reads nothing for its time, on the wire and without",
      async () => {
        for (const plan of [`stall:${TIME}/raw:/echo`, `stall:${TIME}/echo`]) {
          // The time of the step begins before the client has the 101.
          const [text, ms] = await timed((async () => {
            using client = await open(plan);
            await client.write(frame(OPCODE.ping, "?"));
            return await client.text(OPCODE.pong);
          })());
          assertEquals(text, "?");
          assert(ms >= LEAST, `${plan}: ${ms} ms`);
        }
      },
    );

    await step("stall without a time reads nothing", async () => {
      for (const path of ["/do/stall/raw:/tick:10", "/do/stall/tick:10"]) {
        using client = await RawClient.upgrade(at, path);
        await client.write(frame(OPCODE.ping, "?"));
        for (let tick = 1; tick <= 5; tick++) {
          assertEquals(JSON.parse(await client.text()).tick, tick);
        }
      }
      using silent = await RawClient.upgrade(at, "/fault/silence");
      await silent.write(frame(OPCODE.text, "not read"));
    });

    await step("glue sends the 101 and the frames in one segment", async () => {
      for (
        const [path, frames] of [
          ["/do/glue/text:a/ping/wait:50/text:b/abort", "8101618900"],
          ["/fault/glued-frames", "810568656c6c6f890131"],
        ] as const
      ) {
        const chunk = await firstChunk(at, path);
        assertEquals(split(chunk).rest, frames);
      }
    });

    await step(
      "glue holds more than the limit of unwritten output",
      async () => {
        const path = "/do/big-field:1048576/glue/size:70000/echo";
        using client = await RawClient.upgrade(at, path);
        assertEquals((await client.frame()).payload.length, 70_000);
        await client.write(frame(OPCODE.text, "echo"));
        assertEquals(await client.text(), "echo");
      },
    );

    // A client that the machine stops reads at once what arrives in pieces.
    const readsPieces = (name: string, read: () => Promise<void>) =>
      step(name, repeated(read));

    await readsPieces("split cuts the 101 and each frame", async () => {
      const chunk = await firstChunk(at, "/do/split:40/text:hello/abort");
      assertEquals(chunk.length, 40);
      const { status, rest } = await play(at, "/do/split:40/text:hello/abort");
      assertEquals(status, "HTTP/1.1 101 Switching Protocols");
      assertEquals(rest, "810568656c6c6f");
      using client = await open(
        "raw:8a00/wait:50/split:3/text:hello/abort",
      );
      assertEquals(await client.text(OPCODE.pong), "");
      assertEquals((await readOnce(client)).toHex(), "810568");
      assertEquals((await readOnce(client)).toHex(), "656c6c6f");
    });

    await readsPieces(
      "drip writes byte by byte, with its time between",
      async () => {
        const chunk = await firstChunk(at, "/do/drip:1:20/text:a/abort");
        assertEquals(new TextDecoder().decode(chunk), "H");
        using client = await open(
          "raw:8a00/wait:50/drip:2:50/text:hello/abort",
        );
        assertEquals(await client.text(OPCODE.pong), "");
        const [, ms] = await timed((async () => {
          for (const hex of ["8105", "6865", "6c6c", "6f"]) {
            assertEquals((await readOnce(client)).toHex(), hex);
          }
        })());
        assert(ms >= 140, `${ms} ms`);
      },
    );

    await step(
      "reset resets the connection of a client that sends",
      async () => {
        for (
          const path of ["/do/text:last/reset", "/fault/reset-without-close"]
        ) {
          await using client = await connectClient(
            `ws://${at.hostname}:${at.port}${path}`,
          );
          const read = async () => {
            // Answers the PING, so that the system has data that it did not read.
            while (await client.dataOrClose() !== undefined);
          };
          await read();
          assertEquals(client.ending, "reset");
        }
      },
    );

    await step(
      "close:1006 cannot be sent by a connection, and is by the wire",
      async () => {
        using client = await open("close:1006");
        assertEquals(await client.closeCode(), 1006);
      },
    );

    await step("the steps for echoes work on the wire", async () => {
      using client = await open(
        `raw:/delay:${TIME}/fragment:2/tick:3600000/ping-every:3600000/echo:1/close:1000`,
      );
      const [first, ms] = await timed(
        client.write(frame(OPCODE.text, "abc")).then(() => client.frame()),
      );
      assert(ms >= LEAST, `${ms} ms`);
      const second = await client.frame();
      assertEquals(
        [first, second].map((
          { opcode, final, payload },
        ) => [opcode, final, payload.toHex()]),
        [
          [OPCODE.text, false, "6162"],
          [OPCODE.continuation, true, "63"],
        ],
      );
      assertEquals(await client.closeCode(), 1000);
    });

    await step(
      "a refused plan does not hold the client's connection",
      async () => {
        using client = await RawClient.connect(at, handshake("/do/raw:0"));
        assertEquals((await client.response()).status, 400);
        await assertRejects(() => client.frame(), Error, "end of input");
      },
    );
  },
);

/** The bytes of the first read. */
async function firstChunk(
  at: { hostname: string; port: number },
  path: string,
): Promise<Uint8Array> {
  using client = await RawClient.connect(at, handshake(path));
  return await readOnce(client);
}

async function readOnce(client: RawClient): Promise<Uint8Array> {
  const buffer = new Uint8Array(65_536);
  const count = await within(client.conn.read(buffer), "bytes");
  return buffer.slice(0, count ?? 0);
}
