import { assert, assertEquals } from "@std/assert";
import { clientsBehind } from "../../../lib/limits/address/client_address.ts";
import { AddressRate } from "../../../lib/limits/address/address_rate.ts";
import { TokenFailures } from "../../../lib/limits/token_failures.ts";
import { NO_OBSERVER } from "../../../lib/observer.ts";
import { TokenGuard } from "../../../lib/http/token_guard.ts";

const TOKEN = "right";

function from(hostname: string) {
  const remoteAddr = { transport: "tcp", hostname, port: 1 } as const;
  return { listener: "edge", remoteAddr } as const;
}

const A = from("192.0.2.1");
const B = from("192.0.2.2");

/** A guard, and a clock to move. */
function make(memory?: ArrayBufferLike) {
  const made = { now: 1e6, limited: [] as string[] };
  const failures = new TokenFailures({
    clientOf: clientsBehind(0),
    observer: {
      ...NO_OBSERVER,
      limited: (name) => made.limited.push(name),
    },
    now: () => made.now,
    ...(memory && { memory }),
  });
  const options = { token: TOKEN, realm: "a", message: "a token, please" };
  const guards = {
    metrics: new TokenGuard({ ...options, name: "METRICS_TOKEN", failures }),
    admin: new TokenGuard({ ...options, name: "ADMIN_TOKEN", failures }),
  };
  const ask = (token?: string, info = A, guard = guards.admin) =>
    guard.refusal(
      new Request("http://a.test/", {
        headers: token === undefined ? {} : { authorization: token },
      }),
      info,
    );
  return { ...guards, ask, made };
}

Deno.test("TokenGuard.refusal() compares ten wrong tokens of an address, and no more", () => {
  const { ask, made, metrics } = make();
  for (let i = 0; i < 10; i++) {
    assertEquals(ask(`Bearer wrong${i}`)?.status, 401, `${i}`);
  }
  const refused = ask("Bearer wrong");
  assertEquals(refused?.status, 429);
  assertEquals(refused?.headers, { "retry-after": "6" });
  assertEquals(made.limited, ["ADMIN_TOKEN"]);
  assertEquals(ask(`Bearer ${TOKEN}`)?.status, 429, "the right one is hidden");
  assertEquals(ask(`Bearer ${TOKEN}`, B), undefined, "another address");
  assertEquals(ask("Bearer wrong", B)?.status, 401);
  assertEquals(ask(`Bearer ${TOKEN}`, A, metrics), undefined, "another token");

  made.now += 6001;
  assertEquals(ask(`Bearer ${TOKEN}`), undefined);
  assertEquals(ask("Bearer wrong")?.status, 401);
  assertEquals(ask("Bearer wrong")?.status, 429);
  made.now += 60_000;
  for (let i = 0; i < 10; i++) assertEquals(ask("Bearer wrong")?.status, 401);
  assertEquals(ask("Bearer wrong")?.status, 429);
});

Deno.test("TokenGuard.refusal() counts neither right tokens nor requests without one", () => {
  const { ask } = make();
  for (let i = 0; i < 100; i++) {
    assertEquals(ask(`Bearer ${TOKEN}`), undefined);
    assertEquals(ask()?.status, 401);
    assertEquals(ask("Basic eDp5")?.status, 401);
    assertEquals(ask("Bearer a, Bearer b")?.status, 400);
  }
  assertEquals(ask("Bearer wrong")?.status, 401);
});

Deno.test("TokenGuard.refusal() tells what was wrong (RFC 6750 §3.1)", () => {
  const { ask } = make();
  const told = (token?: string) => ask(token)?.headers?.["www-authenticate"];
  assertEquals(told(), 'Bearer realm="a"');
  assertEquals(told("Basic eDp5"), 'Bearer realm="a"');
  assertEquals(told("Bearer x"), 'Bearer realm="a", error="invalid_token"');
  assertEquals(told("Bearer x y"), 'Bearer realm="a", error="invalid_request"');
});

Deno.test("TokenFailures counts those of all threads together", () => {
  const memory = AddressRate.memory();
  const [one, other] = [make(memory), make(memory)];
  for (let i = 0; i < 5; i++) {
    assertEquals(one.ask("Bearer wrong")?.status, 401);
    assertEquals(other.ask("Bearer wrong")?.status, 401);
  }
  assertEquals(one.ask("Bearer wrong")?.status, 429);
  assertEquals(other.ask("Bearer wrong")?.status, 429);
});

Deno.test("AddressRate.peek() counts nothing", () => {
  const rate = new AddressRate(1, () => 1e6);
  for (let i = 0; i < 10; i++) assertEquals(rate.peek("a"), 0);
  assertEquals(rate.size, 0);
  assertEquals(rate.wait("a"), 0);
  assert(rate.peek("a") > 0);
  assertEquals(rate.peek("b"), 0);
});
