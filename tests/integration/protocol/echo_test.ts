import { assert, assertEquals } from "@std/assert";
import { CLIENTS, connect, type Message } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { frame, handshake, OPCODE } from "../support/wire.ts";

const MIB = 2 ** 20;

const MESSAGES: Readonly<Record<string, () => Message>> = {
  "a text": () => "Espressif",
  "an empty text": () => "",
  "a text of 4-byte characters": () => "😀🏳️‍🌈𝄞",
  "a text of combining characters": () => "e\u0301 \u0928\u093f ñ",
  "a text with NUL and line ends": () => "\0a\r\nb\n",
  "a text with a byte order mark": () => "\ufeffa",
  "a text of 1 MiB": () => "0123456789abcdef".repeat(MIB / 16),
  "a multi-byte text of 1 MiB": () => "😀é€a".repeat(MIB / 10),
  "an empty binary message": () => new Uint8Array(0),
  "a binary message": () => Uint8Array.of(0, 1, 127, 128, 255),
  "a binary message of 1 MiB": () =>
    Uint8Array.from({ length: MIB }, (_, i) => i * 31),
};

/** Lengths at which the frame header changes (RFC 6455 §5.2). */
const LENGTHS = [125, 126, 127, 65535, 65536];

for (const { name, capabilities } of LISTENERS) {
  suite(`${name} listener: / echoes messages`, {}, async (server, step) => {
    for (const [client, connect] of Object.entries(CLIENTS)) {
      await step(`a URL without a path, to ${client}`, async () => {
        const url = server.url(name, "");
        await using rawClient = await connect(url, { protocols: ["chat"] });
        assertEquals(rawClient.protocol, "chat");
        for (const message of ["Espressif", Uint8Array.of(0, 255)]) {
          rawClient.send(message);
          assertSame(await rawClient.next(), message);
        }
        rawClient.send("Trigger async");
        assertEquals(await rawClient.next(), "Async data");
      });
    }

    await step("its query has the parameters of /ws", async () => {
      await using rawClient = await connect(server.url(name, "/?hello=hi"));
      assertEquals(await rawClient.next(), "hi");
      const head = handshake("/?delay=abc");
      const { status, body } = await exchange(server.address(name), head);
      assertEquals([status, body], [
        400,
        "delay=abc is not valid; allowed: 0 to 3600000 ms.\n",
      ]);
    });
  });

  suite(`${name} listener: /ws echoes messages`, {}, async (server, step) => {
    for (const [client, connect] of Object.entries(CLIENTS)) {
      for (const [title, message] of Object.entries(MESSAGES)) {
        await step(`${title}, to ${client}`, async () => {
          await using rawClient = await connect(server.url(name, "/ws"));
          rawClient.send(message());
          assertSame(await rawClient.next(), message());
        });
      }
    }

    for (const length of LENGTHS) {
      await step(`${length} bytes`, async () => {
        await using rawClient = await connect(server.url(name, "/ws"));
        const message = Uint8Array.from({ length }, (_, i) => i);
        rawClient.send(message);
        assertSame(await rawClient.next(), message);
      });
    }

    await step("many messages keep their order", async () => {
      await using rawClient = await connect(server.url(name, "/ws"));
      const messages = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
      for (const message of messages) rawClient.send(message);
      for (const message of messages) {
        assertEquals(await rawClient.next(), message);
      }
    });

    await step("many clients get their own messages", async () => {
      const numbers = Array.from({ length: 20 }, (_, i) => i);
      await Promise.all(numbers.map(async (number) => {
        await using rawClient = await connect(server.url(name, "/ws"));
        for (let i = 0; i < 20; i++) {
          rawClient.send(`${number}/${i}`);
          assertEquals(await rawClient.next(), `${number}/${i}`);
        }
      }));
    });

    await step(
      "fragments with a PING between them become one message",
      async () => {
        using rawClient = await RawClient.upgrade(server.address(name), "/ws");
        await rawClient.write(frame(OPCODE.text, "Espr", false));
        await rawClient.write(frame(OPCODE.continuation, "es", false));
        await rawClient.write(frame(OPCODE.ping, "between"));
        await rawClient.write(frame(OPCODE.continuation, "sif"));
        assertEquals(await rawClient.text(OPCODE.pong), "between");
        assertEquals(await rawClient.text(), "Espressif");
      },
    );

    await step(
      "a frame that is sent together with the handshake is echoed",
      async () => {
        using rawClient = await RawClient.connect(
          server.address(name),
          Uint8Array.of(
            ...new TextEncoder().encode(handshake("/ws")),
            ...frame(OPCODE.text, "early"),
          ),
        );
        assertEquals((await rawClient.response()).status, 101);
        assertEquals(await rawClient.text(), "early");
      },
    );
  });

  const info = { LOG_LEVEL: "INFO" };
  suite(
    `${name} listener: /ws loses no message`,
    info,
    async (server, step) => {
      await step("50 times 1000 messages sent at once", async () => {
        for (let round = 0; round < 50; round++) {
          await using rawClient = await connect(server.url(name, "/ws"));
          for (let i = 0; i < 1000; i++) rawClient.send(`message ${i}`);
          for (let i = 0; i < 1000; i++) {
            const message = await rawClient.next();
            assert(message === `message ${i}`, `${message} instead of ${i}`);
          }
        }
      });
    },
  );

  suite(`${name} listener: /ws and PING`, {}, async (server, step) => {
    for (const payload of ["", "Hello", "x".repeat(125)]) {
      const title =
        `a PING of ${payload.length} bytes is answered with its payload`;
      await step(title, async () => {
        await using rawClient = await connect(server.url(name, "/ws"));
        rawClient.socket.ping(payload);
        assertEquals(await rawClient.pong(), payload);
      });
    }

    await step("an unsolicited PONG is ignored", async () => {
      await using rawClient = await connect(server.url(name, "/ws"));
      rawClient.socket.pong("unsolicited");
      rawClient.send("echo");
      assertEquals(await rawClient.next(), "echo");
    });

    const answer = capabilities.controlFrames ? "a PING frame" : "its echo";
    await step(`the text "Ping" is answered with ${answer}`, async () => {
      using rawClient = await RawClient.upgrade(server.address(name), "/ws");
      await rawClient.write(frame(OPCODE.text, "Ping"));
      if (capabilities.controlFrames) {
        await rawClient.text(OPCODE.ping);
      } else {
        assertEquals(await rawClient.text(), "Ping");
      }
    });
  });

  suite(`${name} listener: /ws and Trigger async`, {}, async (server, step) => {
    await step("the work queue answers", async () => {
      await using rawClient = await connect(server.url(name, "/ws"));
      rawClient.send("Trigger async");
      assertEquals(await rawClient.next(), "Async data");
      rawClient.send("Trigger async, and more");
      assertEquals(await rawClient.next(), "Async data");
    });

    await step("other texts and binary messages are echoed", async () => {
      await using rawClient = await connect(server.url(name, "/ws"));
      const bytes = new TextEncoder().encode("Trigger async");
      for (const message of ["trigger async", " Trigger async", bytes]) {
        rawClient.send(message);
        assertSame(await rawClient.next(), message);
      }
    });

    await step(
      "an answer comes after the echoes of earlier messages",
      async () => {
        const rounds = 100;
        using rawClient = await RawClient.upgrade(server.address(name), "/ws");
        const sent = Array.from({ length: rounds }, (_, i) => [
          ...frame(OPCODE.text, String(i)),
          ...frame(OPCODE.text, "Trigger async"),
        ]);
        await rawClient.write(Uint8Array.from(sent.flat()));
        let echoes = 0;
        let answers = 0;
        while (echoes + answers < 2 * rounds) {
          const text = await rawClient.text();
          if (text === "Async data") answers++;
          else assertEquals(text, String(echoes++));
          assert(answers <= echoes, `${answers} answers, ${echoes} echoes`);
        }
        assertEquals(answers, rounds);
      },
    );
  });
}

/** Compares messages faster than `assertEquals` does. */
function assertSame(actual: Message, expected: Message): void {
  if (typeof actual === "string" || typeof expected === "string") {
    assert(
      actual === expected,
      `got ${actual.slice(0, 40)}, not ${expected.slice(0, 40)}`,
    );
    return;
  }
  assertEquals(actual.length, expected.length);
  const difference = actual.findIndex((byte, i) => byte !== expected[i]);
  assertEquals(difference, -1, `byte ${difference} differs`);
}
