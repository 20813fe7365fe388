import { assert, assertEquals, assertThrows } from "@std/assert";
import { ROUTE_DESCRIPTIONS } from "../../../../../handlers/console/route_descriptions.ts";
import {
  addressOf,
  baseOf,
  DEFAULT_SETUP,
  fromFragment,
  masked,
  parseProtocols,
  parseUrl,
  toFragment,
  withoutSecrets,
} from "../../../../../handlers/console/page/connection/setup.js";

const WS = ROUTE_DESCRIPTIONS["/ws"]!.parameters!;
const AUTH = ROUTE_DESCRIPTIONS["/auth"]!.parameters!;

Deno.test("toFragment() of the defaults is empty", () => {
  assertEquals(toFragment({ ...DEFAULT_SETUP }, WS), "");
  assertEquals(fromFragment(""), { ...DEFAULT_SETUP });
});

Deno.test("fromFragment() reads what toFragment() wrote", () => {
  const setup = {
    ...DEFAULT_SETUP,
    server: "frame",
    protocols: "echo, chat",
    parameters: { delay: "100", hello: "a & b = #ü/:" },
    mode: "random" as const,
    times: "1000",
    interval: "2.5",
    size: "64KiB",
  };
  assertEquals(fromFragment(`#${toFragment(setup, WS)}`), setup);
});

Deno.test("fromFragment() takes a foreign URL by itself", () => {
  const { server, url } = fromFragment("#url=wss://e.example/a?b=1");
  assertEquals([server, url], ["other", "wss://e.example/a?b=1"]);
});

Deno.test("fromFragment() passes over what it does not know", () => {
  assertEquals(fromFragment("#mode=shout&x=1"), { ...DEFAULT_SETUP });
});

Deno.test("toFragment() leaves secrets out", () => {
  const setup = {
    ...DEFAULT_SETUP,
    path: "/auth",
    parameters: { token: "hush" },
  };
  assertEquals(toFragment(setup, AUTH), "path=/auth");
  const url = "wss://me:hush@e.example/?access_token=hush&page=2#hush";
  const fragment = toFragment({ ...DEFAULT_SETUP, server: "other", url }, []);
  assert(!fragment.includes("hush"), fragment);
  assertEquals(fromFragment(fragment).url, "wss://e.example/?page=2");
});

for (
  const name of [
    "token",
    "access_token",
    "API-KEY",
    "apikey",
    "secret",
    "password",
    "pwd",
    "auth",
    "sig",
    "signature",
    "session",
    "jwt",
    "ticket",
    "code",
  ]
) {
  Deno.test(`withoutSecrets() and masked() know ${name} for a secret`, () => {
    const url = `wss://e.example/?a=1&${name}=hush`;
    assertEquals(withoutSecrets(url), "wss://e.example/?a=1");
    assertEquals(masked(url), `wss://e.example/?a=1&${name}=•••`);
  });
}

Deno.test("masked() leaves this server's other parameters as they are", () => {
  for (const { name } of WS) {
    const url = `ws://localhost:8000/ws?${name}=1`;
    assertEquals(masked(url), url);
  }
  assertEquals(masked("ws://localhost/ws"), "ws://localhost/ws");
});

Deno.test("withoutSecrets() of what is no URL is nothing", () => {
  assertEquals(withoutSecrets("hush"), "");
});

Deno.test("baseOf() follows the scheme of the page", () => {
  const place = {
    protocol: "https:",
    host: "e.example:8443",
    hostname: "e.example",
  };
  assertEquals(baseOf(place), "wss://e.example:8443");
  assertEquals(baseOf(place, 8001), "wss://e.example:8001");
  const local = { protocol: "http:", host: "[::1]:8000", hostname: "[::1]" };
  assertEquals(baseOf(local, 8001), "ws://[::1]:8001");
});

Deno.test("addressOf() has the parameters that are set", () => {
  const setup = {
    ...DEFAULT_SETUP,
    parameters: { delay: "5", hello: "a b", mute: "", x: "1" },
  };
  assertEquals(addressOf("ws://h", setup, WS), "ws://h/ws?hello=a+b&delay=5");
  assertEquals(addressOf("ws://h", DEFAULT_SETUP, WS), "ws://h/ws");
});

Deno.test("parseUrl() takes WebSocket URLs, and http as ws", () => {
  assertEquals(parseUrl(" wss://e.example/a?b ", true), "wss://e.example/a?b");
  assertEquals(parseUrl("https://e.example", true), "wss://e.example/");
});

for (
  const [text, message] of [
    ["", "begins with ws://"],
    ["example.com", "begins with ws://"],
    ["ftp://e.example", "begins with ws://"],
    ["ws://e.example/#a", "no fragment"],
    ["ws://e.example", "wss:// only"],
  ] as const
) {
  Deno.test(`parseUrl() refuses "${text}" on a page that came by https`, () => {
    assertThrows(() => parseUrl(text, true), SyntaxError, message);
  });
}

Deno.test("parseUrl() lets a secure page connect to its own machine", () => {
  assertEquals(parseUrl("ws://localhost:1", true), "ws://localhost:1/");
  assertEquals(parseUrl("ws://127.0.0.1:1", true), "ws://127.0.0.1:1/");
});

Deno.test("parseProtocols() reads a list of tokens", () => {
  assertEquals(parseProtocols(" echo,chat , v2.x "), ["echo", "chat", "v2.x"]);
  assertEquals(parseProtocols(""), []);
  assertThrows(() => parseProtocols("a b"), SyntaxError, "“a b” cannot be");
  assertThrows(() => parseProtocols("a,a"), SyntaxError, "twice");
});

for (
  const path of [
    "@e.example",
    "@e.example/ws",
    ".e.example/ws",
    ":1@e.example/",
    "ws",
    "",
    "\\\\e.example",
    "/\\e.example",
    "/ws?token=hush",
    "/ws#hush",
    "/w s",
    " /ws",
  ]
) {
  Deno.test(`fromFragment() and addressOf() refuse the path "${path}"`, () => {
    const fragment = String(new URLSearchParams({ path }));
    assertEquals(fromFragment(fragment).path, "/ws");
    assertThrows(
      () => addressOf("ws://h", { ...DEFAULT_SETUP, path }, WS),
      SyntaxError,
      "A path begins with /",
    );
  });
}

Deno.test("addressOf() stays with the host for every path of a link", () => {
  for (const path of ["/", "//e.example/ws", "/@e.example", "/a/../ws"]) {
    const setup = fromFragment(String(new URLSearchParams({ path })));
    assertEquals(setup.path, path);
    assertEquals(new URL(addressOf("ws://h:1", setup, WS)).host, "h:1");
  }
});

for (
  const [address, shown] of [
    ["wss://me:hush@e.example/a", "wss://•••@e.example/a"],
    ["wss://hush@e.example/?a=1", "wss://•••@e.example/?a=1"],
    ["wss://me:hu@sh@e.example", "wss://•••@e.example"],
    ["wss://e.example/a@b", "wss://e.example/a@b"],
    ["wss://e.example/?to%6ben=hush&a=1", "wss://e.example/?to%6ben=•••&a=1"],
    ["wss://e.example/?api%5Fkey=hush", "wss://e.example/?api%5Fkey=•••"],
    ["wss://e.example/?%zz=1", "wss://e.example/?%zz=1"],
    ["wss://e.example/?a&&=b", "wss://e.example/?a&&=b"],
    [
      "wss://e.example/?to=wss%3A%2F%2Fb%2F%3Ftoken%3Dhush",
      "wss://e.example/?to=•••",
    ],
    ["wss://e.example/?to=//me:hush@b", "wss://e.example/?to=•••"],
  ] as const
) {
  Deno.test(`masked() of ${address}`, () => {
    assertEquals(masked(address), shown);
  });
}

Deno.test("toFragment() leaves percent-encoded secrets and users out", () => {
  const url = "wss://me:hu%40sh@e.example/?to%6ben=hush&page=2";
  const fragment = toFragment({ ...DEFAULT_SETUP, server: "other", url }, []);
  assert(!/hush|hu%|me/.test(fragment.replaceAll("e.example", "")), fragment);
});

Deno.test("toFragment() leaves out URLs and subprotocols with a secret in them", () => {
  const url = "wss://e.example/?to=https%3A%2F%2Fb%2F%3Ftoken%3Dhush&page=2";
  const protocols = "v1, access_token, hush";
  const setup = { ...DEFAULT_SETUP, server: "other", url, protocols };
  assertEquals(
    fromFragment(toFragment(setup, [])),
    { ...setup, url: "wss://e.example/?page=2", protocols: "" },
  );
});
