import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { frame, handshake, OPCODE, SAMPLE } from "../support/wire.ts";

/** The first routes in the order of their registration. */
const ROUTES = ["/ws", "/ws_partial", "/auth", "/control"];

for (const { name, capabilities } of LISTENERS) {
  suite(`${name} listener: log`, {}, async (server, step) => {
    await step("the start", async () => {
      const { port } = server.address("edge");
      for (
        const line of [
          `I ws_echo_server: Starting server on port: '${port}'`,
          "I ws_echo_server: Registering URI handlers",
          ...ROUTES.map((path, i) =>
            `D httpd_uri: httpd_register_uri_handler: [${i}] installed ${path}`
          ),
        ]
      ) {
        await server.logged(exactly(line));
      }
    });

    await step("every line has the form of ESP-IDF's log", () => {
      for (const line of server.lines) {
        assertMatch(line, /^[DIWE] \(\d+\) \w+: \S/);
      }
    });

    await step("a handshake, with the session's id and the key", async () => {
      const since = server.lines.length;
      using _client = await RawClient.upgrade(server.address(name), "/ws");
      await server.logged(
        /^I \(\d+\) httpd_ws: Responding WS handshake to sock \S+ listener=/,
        since,
      );
      await server.logged(
        exactly(`D httpd_ws: Generated server key: ${SAMPLE.accept}`),
        since,
      );
    });

    await step("a text", async () => {
      const since = server.lines.length;
      await using client = await connect(server.url(name, "/ws"));
      client.send("Espressif");
      await client.next();
      for (
        const line of [
          "D ws_echo_server: Frame len is 9",
          "D ws_echo_server: Got packet with message: Espressif",
          "D ws_echo_server: Packet type: 1",
        ]
      ) {
        await server.logged(exactly(line), since);
      }
    });

    if (capabilities.fragments) {
      await step("a frame that arrives in two chunks", async () => {
        const since = server.lines.length;
        using client = await RawClient.upgrade(
          server.address(name),
          "/ws_partial",
        );
        const bytes = frame(OPCODE.binary, new Uint8Array(100));
        await client.write(bytes.subarray(0, 80));
        await server.logged(
          "Reading chunk: left_len=100, chunk_size=64",
          since,
        );
        await client.write(bytes.subarray(80));
        await server.logged("Reading chunk: left_len=36, chunk_size=36", since);
      });
    }

    await step(
      "a client's text cannot end a line or control a terminal",
      async () => {
        const since = server.lines.length;
        await using client = await connect(server.url(name, "/ws"));
        client.send("a\nI (1) b: c\r\x1b[31m\x9b\u202ed\\");
        await client.next();
        await server.logged(
          "message: a\\nI (1) b: c\\r\\u001b[31m\\u009b\\u202ed\\\\",
          since,
        );
        assert(!server.lines.some((line) => UNSAFE.test(line)));
      },
    );

    await step("a client's text is cut at 128 characters", async () => {
      const since = server.lines.length;
      await using client = await connect(server.url(name, "/ws"));
      client.send("x".repeat(129));
      await client.next();
      const line = await server.logged("Got packet with message: xxx", since);
      assertEquals(/message: (\S+)/.exec(line)![1], "x".repeat(128) + "…");
    });

    await step("an offered subprotocol is escaped and cut", async () => {
      const since = server.lines.length;
      const offer = "x".repeat(300);
      using _client = await RawClient.upgrade(server.address(name), "/ws", {
        "Sec-WebSocket-Protocol": offer,
      });
      const line = await server.logged(/^W .*subprotocol/, since);
      assert(!line.includes(offer));
    });

    await step("secrets of a request are not logged", async () => {
      const since = server.lines.length;
      await exchange(
        server.address(name),
        handshake("/auth?token=hush1", {
          Authorization: "Bearer hush2",
          Cookie: "session=hush3",
        }),
      );
      await server.logged(/No valid token found/, since);
      await using client = await connect(server.url(name, "/ws"));
      client.send("after");
      await server.logged("message: after", since);
      assert(!server.lines.some((line) => line.includes("hush")));
    });
  });

  const info = { LOG_LEVEL: "INFO" };
  suite(`${name} listener: LOG_LEVEL=INFO`, info, async (server, step) => {
    await step("messages are not logged", async () => {
      const since = server.lines.length;
      await using client = await connect(server.url(name, "/ws"));
      client.send("Espressif");
      await client.next();
      client.close(1000);
      await server.logged("Responding WS handshake", since);
      await server.logged("closed with 1000", since);
      assert(!server.lines.some((line) => line.startsWith("D")));
      assert(!server.lines.some((line) => line.includes("Espressif")));
    });
  });

  const json = { LOG_FORMAT: "json" };
  suite(`${name} listener: LOG_FORMAT=json`, json, async (server, step) => {
    await step("every line is a JSON object", async () => {
      await using client = await connect(server.url(name, "/ws"));
      client.send('"quoted"\n');
      await client.next();
      const line = await server.logged("quoted");
      assertEquals(
        JSON.parse(line).message,
        'Got packet with message: "quoted"\\n',
      );
      for (const line of server.lines) {
        const { time, ms, level, tag, message } = JSON.parse(line);
        assertEquals(new Date(time).toISOString(), time);
        assert(Number.isInteger(ms) && ms >= 0, line);
        assertMatch(level, /^(DEBUG|INFO|WARN|ERROR)$/);
        assertMatch(tag, /^\w+$/);
        assert(message.length > 0, line);
      }
    });
  });
}

const UNSAFE =
  // deno-lint-ignore no-control-regex -- the test looks for them
  /[\x00-\x1f\x7f-\x9f\u202e]/;

/** A pattern for a line without its milliseconds and its session: `I tag: message`. */
function exactly(line: string): RegExp {
  const [level, ...rest] = line.split(" ");
  const text = RegExp.escape(rest.join(" "));
  return new RegExp(`^${level} \\(\\d+\\) ${text}(?: sock=\\S+)?$`);
}
