import { assertEquals } from "@std/assert";
import {
  masked,
  withoutSecrets,
} from "../../../../../handlers/console/page/connection/secrets.js";
import { ROUTE_DESCRIPTIONS } from "../../../../../handlers/console/route_descriptions.ts";

const WS = ROUTE_DESCRIPTIONS["/ws"]!.parameters!;

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
  Deno.test(`withoutSecrets() and masked() treat ${name} as a secret`, () => {
    const url = `wss://e.example/?a=1&${name}=hush`;
    assertEquals(withoutSecrets(url), "wss://e.example/?a=1");
    assertEquals(masked(url), `wss://e.example/?a=1&${name}=•••`);
  });
}

Deno.test("masked() does not change this server's other parameters", () => {
  for (const { name } of WS) {
    const url = `ws://localhost:8000/ws?${name}=1`;
    assertEquals(masked(url), url);
  }
  assertEquals(masked("ws://localhost/ws"), "ws://localhost/ws");
});

Deno.test("withoutSecrets() returns an empty text for an invalid URL", () => {
  assertEquals(withoutSecrets("hush"), "");
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
