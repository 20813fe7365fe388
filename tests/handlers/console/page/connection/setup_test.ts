import { assert, assertEquals, assertThrows } from "@std/assert";
import { addressOf } from "../../../../../handlers/console/page/connection/address.js";
import {
  DEFAULT_SETUP,
  fromFragment,
  toFragment,
} from "../../../../../handlers/console/page/connection/setup.js";
import { ROUTE_DESCRIPTIONS } from "../../../../../handlers/console/route_descriptions.ts";

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

Deno.test("fromFragment() chooses another server when the link has only a URL", () => {
  const { server, url } = fromFragment("#url=wss://e.example/a?b=1");
  assertEquals([server, url], ["other", "wss://e.example/a?b=1"]);
});

Deno.test("fromFragment() ignores unknown fields", () => {
  assertEquals(fromFragment("#mode=shout&x=1"), { ...DEFAULT_SETUP });
});

Deno.test("toFragment() omits secrets", () => {
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
  Deno.test(`fromFragment() and addressOf() reject the path "${path}"`, () => {
    const fragment = String(new URLSearchParams({ path }));
    assertEquals(fromFragment(fragment).path, "/ws");
    assertThrows(
      () => addressOf("ws://h", { ...DEFAULT_SETUP, path }, WS),
      SyntaxError,
      "A path must begin with /",
    );
  });
}

Deno.test("addressOf() keeps the host for every path of a link", () => {
  for (const path of ["/", "//e.example/ws", "/@e.example", "/a/../ws"]) {
    const setup = fromFragment(String(new URLSearchParams({ path })));
    assertEquals(setup.path, path);
    assertEquals(new URL(addressOf("ws://h:1", setup, WS)).host, "h:1");
  }
});

Deno.test("toFragment() omits percent-encoded secrets and users", () => {
  const url = "wss://me:hu%40sh@e.example/?to%6ben=hush&page=2";
  const fragment = toFragment({ ...DEFAULT_SETUP, server: "other", url }, []);
  assert(!/hush|hu%|me/.test(fragment.replaceAll("e.example", "")), fragment);
});

Deno.test("toFragment() omits URLs and subprotocols that contain a secret", () => {
  const url = "wss://e.example/?to=https%3A%2F%2Fb%2F%3Ftoken%3Dhush&page=2";
  const protocols = "v1, access_token, hush";
  const setup = { ...DEFAULT_SETUP, server: "other", url, protocols };
  assertEquals(
    fromFragment(toFragment(setup, [])),
    { ...setup, url: "wss://e.example/?page=2", protocols: "" },
  );
});
