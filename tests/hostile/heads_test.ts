import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "../integration/support/client.ts";
import { exchange, RawClient } from "../integration/support/raw.ts";
import { LISTENERS, suite } from "../integration/support/suite.ts";
import { handshake, requestHead } from "../integration/support/wire.ts";
import { within } from "../integration/support/within.ts";

/** The frame listener's limit of a head, in bytes. */
const MAX_HEAD = 16 * 1024;

/** A text as bytes, one per character. */
function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * Request targets and their status: one number, or those of the edge and the frame
 * listener. Targets are compared with routes as they are written, without decoding.
 */
const TARGETS: readonly (readonly [string, number | [number, number]])[] = [
  ["/ws", 101],
  ["/ws?", 101],
  ["/ws/../ws", 404],
  ["/./ws", 404],
  ["/a/../ws", 404],
  ["/console/../ws", 404],
  ["/ws/%2e%2e/ws", 404],
  ["/ws/.", 404],
  ["/ws\\", 404],
  ["/a\\..\\ws", 404],
  ["http://elsewhere.example/a/../ws", 404],
  ["http://elsewhere.example/%77s", 404],
  ["http://elsewhere.example/ws", 101],
  ["HTTP://elsewhere.example/ws", 101],
  ["/%77s", 404],
  ["/w%73", 404],
  ["/ws%00", 404],
  ["/ws%2f", 404],
  ["/%2fws", 404],
  ["/ws%", 404],
  ["/ws%zz", 404],
  ["/ws%c0%af", 404],
  ["/%c0%afws", 404],
  ["/%e0%80%afws", 404],
  ["/ws%0d%0aX:y", 404],
  ["//ws", 404],
  ["/ws//", 404],
  ["/ws/", 404],
  ["/WS", 404],
  ["/ws;a=b", 404],
  ["/\\ws", 404],
  ["/x/..%2fws", 404],
  ["/../../etc/passwd", 404],
  ["/__proto__", 404],
  ["/constructor", 404],
  ["/toString", 404],
  ["http:///ws", [404, 400]],
  ["*", 400],
  ["?", 400],
  ["", 400],
  ["\\ws", 400],
  ["127.0.0.1:80", 400],
  ["/ws\x80", 400],
  ["/\xff\xfe", 400],
  ["/ws\x00", 400],
  ["/ws\t", 400],
  ["/a b", 400],
  ["/ws#part", 400],
  ["/?#/ws", 400],
  ["http://elsewhere.example#/ws", 400],
  ["http://elsewhere.example\\ws", 400],
  ["ftp://elsewhere.example/ws", 400],
];

/** Host fields that must not become a part of the path. */
const HOSTS = [
  "127.0.0.1/ws?",
  "127.0.0.1/ws#",
  "127.0.0.1\\ws?",
  "127.0.0.1?",
  "127.0.0.1#",
  "127.0.0.1/ws/..",
  "http://127.0.0.1",
  "user@127.0.0.1",
  "127.0.0.1 ",
  "",
  "/ws?",
  "127.0.0.1:80/ws?",
];

/** Characters that a log line must not have. */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- the test looks for them
  /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Texts that may forge a log line. */
const INJECTIONS = [
  "a\nI (1) httpd: forged",
  "a\r\nI (1) httpd: forged",
  "\x1b[31mred\x1b[0m",
  "\x9b31m",
  "\u202eforged",
  "\u2028I (1) httpd: forged",
  "%0aI%20(1)%20httpd:%20forged",
  "\x00",
  "\x7f",
];

for (const { name } of LISTENERS) {
  const isFrame = name === "frame";
  const env = { HANDSHAKE_RATE: "off", HANDSHAKE_TIMEOUT: "5" };
  suite(`${name} listener: heads`, env, async (server, step) => {
    const address = server.address(name);
    const ask = (head: string) => exchange(address, latin1(head));

    await step("unusual targets", async () => {
      for (const [target, expected] of TARGETS) {
        const { status } = await ask(handshake(target));
        const [edge, frame] = [expected].flat() as [number, number?];
        const want = isFrame ? frame ?? edge : edge;
        assertEquals(status, want, `${JSON.stringify(target)}`);
      }
    });

    await step("a Host field never becomes the path", async () => {
      for (const host of HOSTS) {
        const expected = host.trim() === "127.0.0.1" ? 404 : 400;
        const { status } = await ask(handshake("/nowhere", { Host: host }));
        assertEquals(status, expected, JSON.stringify(host));
      }
    });

    await step("values of every length near the limit", async () => {
      const rest = handshake("/ws", { "X-Filler": "" }).length;
      for (let size = MAX_HEAD - 40; size <= MAX_HEAD + 40; size += 4) {
        const filler = "a".repeat(size - rest);
        const { status } = await ask(
          handshake("/ws", { "X-Filler": filler }),
        );
        assertEquals(status, isFrame && size > MAX_HEAD ? 431 : 101, `${size}`);
      }
    });

    await step("names of every length near the limit", async () => {
      const rest = handshake("/ws", { "": "x" }).length;
      for (let size = MAX_HEAD - 8; size <= MAX_HEAD + 8; size++) {
        const { status } = await ask(
          handshake("/ws", { ["n".repeat(size - rest)]: "x" }),
        );
        assertEquals(status, isFrame && size > MAX_HEAD ? 431 : 101, `${size}`);
      }
    });

    await step("numbers of fields near the limit", async () => {
      const usual = handshake("/ws").split("\r\n").length - 3;
      for (const count of [99, 100, 101, 102]) {
        const more = Array.from({ length: count - usual }, () => "y");
        const { status } = await ask(handshake("/ws", { "X-More": more }));
        assertEquals(status, isFrame && count > 100 ? 431 : 101, `${count}`);
      }
    });

    await step("an endless head is refused", async () => {
      using client = await RawClient.connect(
        address,
        "GET /ws HTTP/1.1\r\nX: ",
      );
      const flooding = (async () => {
        for (;;) await client.write("a".repeat(65536));
      })().catch(() => {});
      await within(flooding, "the refusal of an endless head");
    });

    if (!isFrame) {
      await step("an HTTP route is matched as it is written", async () => {
        for (
          const [target, status] of [
            ["/console/main.js", 200],
            ["/console/%6dain.js", 404],
            ["/console/main%2Ejs", 404],
            ["/console/x/../main.js", 404],
            ["/x/../healthz", 404],
            ["/%68ealthz", 404],
            ["/http/../healthz", 404],
            ["/http/a/%2E%2e/b", 404],
            ["/http/a\\..\\b", 404],
            ["/http/%61", 200],
          ] as const
        ) {
          const found = await ask(requestHead(target));
          assertEquals(found.status, status, target);
        }
      });
    }

    if (isFrame) {
      await step("a slow head gets 408 after HANDSHAKE_TIMEOUT", async () => {
        using client = await RawClient.connect(address, "GET /ws HT");
        assertEquals((await client.response()).status, 408);
      });
    }

    await step("a request cannot forge a log line", async () => {
      for (const text of INJECTIONS) {
        await ask(handshake(`/ws?${text}`));
        await ask(handshake(`/${text}`));
        for (
          const field of [
            "Origin",
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Extensions",
            "User-Agent",
          ]
        ) await ask(handshake("/ws", { [field]: text }));
        await using client = await sendAndClose(server.url(name, "/ws"), text);
        await client.closed;
      }
      for (const line of server.lines) {
        assertMatch(line, /^[DIWE] \(\d+\) \w+: /);
        assert(!UNSAFE.test(line), JSON.stringify(line));
        assert(!/^I \(1\)/.test(line), line);
      }
    });
  });
}

/** Sends a text to `/ws` and closes the connection after its echo. */
async function sendAndClose(url: string, text: string) {
  const client = await connect(url);
  client.send(text);
  assertEquals(await client.next(), text);
  client.close(1000, "done");
  return client;
}
