import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { challenge } from "../../../../handlers/script/handshake/challenge.ts";
import { Draft } from "../../../../handlers/script/engine/draft.ts";
import { refusalOf } from "../../../../handlers/script/handshake/decide.ts";
import { HANDSHAKE_INFO } from "../../fakes.ts";
import { FakeDate } from "./fake_date.ts";

const CREDENTIALS = { user: "Mufasa", password: "Circle of Life" };

const ADDRESS = "http://localhost:8001/do/challenge:digest/echo?x=1";

/** Sends a request with an `Authorization`. */
function ask(
  scheme: "basic" | "digest",
  authorization?: string,
): Response | undefined {
  const headers: HeadersInit = authorization === undefined
    ? {}
    : { authorization };
  const draft = new Draft({
    request: new Request(ADDRESS, { headers }),
    info: HANDSHAKE_INFO,
    fields: [],
    wait: () => Promise.resolve(true),
  });
  challenge(draft, scheme, CREDENTIALS);
  return refusalOf(draft);
}

/** The nonce of a challenge. */
function nonceOf(response: Response | undefined): string {
  return /nonce="([^"]+)"/.exec(
    response!.headers.get("www-authenticate")!,
  )![1]!;
}

/** Computes an `Authorization` as RFC 7616 §3.4 says. */
function digest(
  nonce: string,
  changes: Record<string, string> = {},
): string {
  const given = {
    username: CREDENTIALS.user,
    password: CREDENTIALS.password,
    realm: "ws-echo-server",
    uri: "/do/challenge:digest/echo?x=1",
    algorithm: "SHA-256",
    nc: "00000001",
    cnonce: "0a4f113b",
    qop: "auth",
    ...changes,
  };
  const id = given.algorithm === "MD5" ? "md5" : "sha256";
  const hash = (text: string) => createHash(id).update(text).digest("hex");
  const secret = hash(`${given.username}:${given.realm}:${given.password}`);
  const message = hash(`GET:${given.uri}`);
  const response = hash(
    `${secret}:${nonce}:${given.nc}:${given.cnonce}:${given.qop}:${message}`,
  );
  return `Digest username="${given.username}", realm="${given.realm}", ` +
    `uri="${given.uri}", algorithm=${given.algorithm}, nonce="${nonce}", ` +
    `nc=${given.nc}, cnonce="${given.cnonce}", qop=${given.qop}, ` +
    `response="${response}"`;
}

Deno.test("challenge() with basic asks for credentials", () => {
  const response = ask("basic")!;
  assertEquals(response.status, 401);
  assertEquals(
    response.headers.get("www-authenticate"),
    'Basic realm="ws-echo-server", charset="UTF-8"',
  );
});

Deno.test("challenge() with basic lets the right client in", () => {
  const right = new TextEncoder().encode("Mufasa:Circle of Life").toBase64();
  assertEquals(ask("basic", `Basic ${right}`), undefined);
  assertEquals(ask("basic", `basic ${right}`), undefined);
});

for (const given of ["Mufasa:circle of life", "Mufasa", "", "Mufasa:"]) {
  Deno.test(`challenge() with basic refuses "${given}"`, () => {
    const text = new TextEncoder().encode(given).toBase64();
    assertEquals(ask("basic", `Basic ${text}`)?.status, 401);
  });
}

Deno.test("challenge() with digest offers SHA-256 and MD5 in this order", () => {
  const challenges = ask("digest")!.headers.get("www-authenticate")!;
  const algorithms = [...challenges.matchAll(/algorithm=([\w-]+)/g)];
  assertEquals(algorithms.map(([, name]) => name), ["SHA-256", "MD5"]);
  assertStringIncludes(challenges, 'qop="auth"');
});

for (const algorithm of ["SHA-256", "MD5"]) {
  Deno.test(`challenge() with digest lets the right client in by ${algorithm}`, () => {
    const nonce = nonceOf(ask("digest"));
    assertEquals(ask("digest", digest(nonce, { algorithm })), undefined);
  });
}

for (
  const changes of [
    { password: "wrong" },
    { username: "Simba" },
    { realm: "other" },
    { uri: "/do/echo" },
    { nc: "1" },
    { cnonce: "" },
    { qop: "auth-int" },
    { algorithm: "SHA-512" },
  ]
) {
  Deno.test(`challenge() with digest refuses ${JSON.stringify(changes)}`, () => {
    const nonce = nonceOf(ask("digest"));
    const response = ask("digest", digest(nonce, changes as never));
    assertEquals(response?.status, 401);
    assert(!response!.headers.get("www-authenticate")!.includes("stale"));
  });
}

Deno.test("challenge() with digest refuses a nonce that it did not make", () => {
  const nonce = `${Date.now().toString(16)}.${"0".repeat(32)}`;
  assertEquals(ask("digest", digest(nonce))?.status, 401);
});

Deno.test("challenge() with digest says that a nonce of five minutes is stale", () => {
  using time = new FakeDate();
  const nonce = nonceOf(ask("digest"));
  time.pass(300_000);
  assertEquals(ask("digest", digest(nonce)), undefined);
  time.pass(1);
  const response = ask("digest", digest(nonce))!;
  assertEquals(response.status, 401);
  assertStringIncludes(
    response.headers.get("www-authenticate")!,
    "stale=true",
  );
});
