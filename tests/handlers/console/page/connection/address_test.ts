import { assertEquals, assertThrows } from "@std/assert";
import {
  addressOf,
  baseOf,
  parseProtocols,
  parseUrl,
} from "../../../../../handlers/console/page/connection/address.js";
import { DEFAULT_SETUP } from "../../../../../handlers/console/page/connection/setup.js";
import { ROUTE_DESCRIPTIONS } from "../../../../../handlers/console/route_descriptions.ts";

const WS = ROUTE_DESCRIPTIONS["/ws"]!.parameters!;

Deno.test("baseOf() has the scheme of the page", () => {
  const location = {
    protocol: "https:",
    host: "e.example:8443",
    hostname: "e.example",
  };
  assertEquals(baseOf(location), "wss://e.example:8443");
  assertEquals(baseOf(location, 8001), "wss://e.example:8001");
  const local = { protocol: "http:", host: "[::1]:8000", hostname: "[::1]" };
  assertEquals(baseOf(local, 8001), "ws://[::1]:8001");
});

Deno.test("addressOf() contains the parameters that are set", () => {
  const setup = {
    ...DEFAULT_SETUP,
    parameters: { delay: "5", hello: "a b", mute: "", x: "1" },
  };
  assertEquals(addressOf("ws://h", setup, WS), "ws://h/ws?hello=a+b&delay=5");
  assertEquals(addressOf("ws://h", DEFAULT_SETUP, WS), "ws://h/ws");
});

Deno.test("parseUrl() accepts WebSocket URLs, and http as ws", () => {
  assertEquals(parseUrl(" wss://e.example/a?b ", true), "wss://e.example/a?b");
  assertEquals(parseUrl("https://e.example", true), "wss://e.example/");
});

for (
  const [text, message] of [
    ["", "must begin with ws://"],
    ["example.com", "must begin with ws://"],
    ["ftp://e.example", "must begin with ws://"],
    ["ws://e.example/#a", "must not contain a fragment"],
    ["ws://e.example", "wss:// URLs only"],
  ] as const
) {
  Deno.test(`parseUrl() rejects "${text}" on a page loaded over https`, () => {
    assertThrows(() => parseUrl(text, true), SyntaxError, message);
  });
}

Deno.test("parseUrl() accepts ws:// to localhost on a page loaded over https", () => {
  assertEquals(parseUrl("ws://localhost:1", true), "ws://localhost:1/");
  assertEquals(parseUrl("ws://127.0.0.1:1", true), "ws://127.0.0.1:1/");
});

Deno.test("parseProtocols() parses a list of tokens", () => {
  assertEquals(parseProtocols(" echo,chat , v2.x "), ["echo", "chat", "v2.x"]);
  assertEquals(parseProtocols(""), []);
  assertThrows(
    () => parseProtocols("a b"),
    SyntaxError,
    "“a b” is not a valid",
  );
  assertThrows(() => parseProtocols("a,a"), SyntaxError, "twice");
});
