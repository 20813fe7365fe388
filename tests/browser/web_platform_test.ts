import { assert, assertEquals } from "@std/assert";
import { browserTest } from "./browser.ts";

const README = new URL(
  "../../handlers/script/suites/README.md",
  import.meta.url,
);

/** What a page sees of one connection. */
interface Seen {
  readonly opened: boolean;
  readonly protocol: string;
  readonly messages: readonly string[];
  readonly code: number;
  readonly reason: string;
  readonly clean: boolean;
  /** Milliseconds from the open connection to its end. */
  readonly ms: number;
}

/** What a page does. */
interface Case {
  /** The handler in web-platform-tests, perhaps with credentials. */
  readonly url: string;
  readonly protocols?: readonly string[];
  /** Sent when the connection opens. */
  readonly sends?: readonly string[];
  /** Whether it closes when the connection opens. */
  readonly closes?: boolean;
  readonly sees: Partial<Seen>;
}

const WPT = "ws://wpt.test:1";

const CLOSED = { code: 1000, clean: true } as const;

/** Situations of web-platform-tests, redone from their descriptions. */
const CASES: Readonly<Record<string, Case>> = {
  "an echo, and the message Goodbye": {
    url: `${WPT}/echo`,
    sends: ["Message", "Goodbye"],
    sees: { messages: ["Message", "Goodbye"], ...CLOSED },
  },
  "a list of subprotocols": {
    url: `${WPT}/echo`,
    protocols: ["echo", "chat"],
    closes: true,
    sees: { protocol: "echo", clean: true },
  },
  "credentials in the URL": {
    url: "ws://foo:bar@wpt.test:1/basic_auth",
    sees: { opened: true, ...CLOSED },
  },
  "a CLOSE that is answered late": {
    url: `${WPT}/delayed-passive-close`,
    closes: true,
    sees: { opened: true, clean: true },
  },
  "a CLOSE that is answered by the end of TCP": {
    url: `${WPT}/passive-close-abort`,
    closes: true,
    sees: { code: 1006, clean: false },
  },
  "a CLOSE of the server": {
    url: `${WPT}/remote-close`,
    sees: { opened: true, code: 1005, reason: "", clean: true },
  },
  "a CLOSE with a code from the query": {
    url: `${WPT}/remote-close?code=4567`,
    sees: { opened: true, code: 4567, reason: "", clean: true },
  },
  "a CLOSE with a code and a reason from the query": {
    url: `${WPT}/remote-close?code=4000&reason=caf%C3%A9%20%2F%3A`,
    sees: { opened: true, code: 4000, reason: "café /:", clean: true },
  },
  "an end without a CLOSE": {
    url: `${WPT}/remote-close?abrupt=1`,
    sees: { opened: true, code: 1006, clean: false },
  },
  "a 101 and a CLOSE in one segment": {
    url: `${WPT}/simple_handshake`,
    sees: { opened: true, code: 1001, reason: "PASS", clean: true },
  },
  "an empty message": {
    url: `${WPT}/empty-message`,
    sends: [""],
    sees: { messages: ["pass"], ...CLOSED },
  },
  "a subprotocol from an array": {
    url: `${WPT}/protocol_array`,
    protocols: ["foobar", "foobar2"],
    sees: { protocol: "foobar", messages: ["foobar"] },
  },
  "a subprotocol that was not offered": {
    url: `${WPT}/handshake_protocol`,
    sees: { opened: false, code: 1006 },
  },
  "no subprotocol in the answer": {
    url: `${WPT}/handshake_no_protocol`,
    protocols: ["foobar"],
    sees: { opened: false, code: 1006 },
  },
  "no Referer": {
    url: `${WPT}/referrer`,
    sees: { messages: ["MISSING AS PER FETCH"] },
  },
  "the query": {
    url: `${WPT}/echo-query?x%00y&z=%2B`,
    sees: { messages: ["x%00y&z=%2B"], ...CLOSED },
  },
  "a wrong Sec-WebSocket-Accept": {
    url: `${WPT}/wrong_accept_key`,
    sees: { opened: false, messages: [], code: 1006, clean: false },
  },
  "an invalid status line": {
    url: `${WPT}/invalid`,
    sees: { opened: false, code: 1006 },
  },
};

/** Runs in the page. */
function play(
  { url, protocols = [], sends = [], closes = false }: Case,
): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, [...protocols]);
    const messages: string[] = [];
    let openedAt: number | undefined;
    socket.onopen = () => {
      openedAt = performance.now();
      for (const text of sends) socket.send(text);
      if (closes) socket.close();
    };
    socket.onmessage = ({ data }) => messages.push(data);
    socket.onclose = ({ code, reason, wasClean: clean }) =>
      resolve({
        opened: openedAt !== undefined,
        protocol: socket.protocol,
        messages,
        code,
        reason,
        clean,
        ms: performance.now() - (openedAt ?? 0),
      });
  });
}

browserTest(
  "web-platform-tests: their handlers by the map of names",
  {},
  async (server, step) => {
    const base = server.url("edge", "").replace("ws:", "http:");
    const [, snippet] = /```js\n([\s\S]*?)```/.exec(
      await Deno.readTextFile(README),
    )!;
    const map = snippet!.replace("http://localhost:8000", base);

    for (const [name, it] of Object.entries(CASES)) {
      await step(name, async (page) => {
        await page.goto(`${base}/healthz`);
        const seen: Seen = await page.evaluate(
          `(async () => { ${map}
          return await (${play})(${JSON.stringify(it)}); })()`,
        );
        assertEquals({ ...seen, ...it.sees }, seen);
        if (it.url.endsWith("delayed-passive-close")) {
          assert(seen.ms >= 900, String(seen.ms));
        }
      });
    }

    await step("a cookie that a handshake has set", async (page) => {
      await page.goto(`${base}/healthz`);
      const texts = await page.evaluate(
        `(async () => { ${map}
        const set = new WebSocket("${WPT}/set-cookie_http?17.5");
        await new Promise((resolve) => set.onopen = resolve);
        const ended = new Promise((resolve) => set.onclose = resolve);
        set.close();
        await ended;
        const shown = new WebSocket("${WPT}/echo-cookie");
        const { data } = await new Promise((resolve) => shown.onmessage = resolve);
        return [document.cookie, data]; })()`,
      );
      assertEquals(texts, ["", "ws_test_17.5=test"]);
    });
  },
);
