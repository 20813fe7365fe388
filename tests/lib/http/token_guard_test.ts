import { assertEquals } from "@std/assert";
import { TokenGuard } from "../../../lib/http/token_guard.ts";
import { AddressRate } from "../../../lib/limits/address/address_rate.ts";
import { clientsBehind } from "../../../lib/limits/address/client_address.ts";
import { TokenFailures } from "../../../lib/limits/token_failures.ts";
import { NO_OBSERVER } from "../../../lib/observer.ts";

const TOKEN = "right";

function from(hostname: string) {
  const remoteAddr = { transport: "tcp", hostname, port: 1 } as const;
  return { listener: "edge", remoteAddr } as const;
}

const A = from("192.0.2.1");
const B = from("192.0.2.2");

/** Two guards, and a clock that the test moves. */
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

Deno.test("TokenGuard.refusal() refuses with 429 after ten wrong tokens of an address", () => {
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

Deno.test("TokenGuard.refusal() counts neither right tokens nor requests without a token", () => {
  const { ask } = make();
  for (let i = 0; i < 100; i++) {
    assertEquals(ask(`Bearer ${TOKEN}`), undefined);
    assertEquals(ask()?.status, 401);
    assertEquals(ask("Basic eDp5")?.status, 401);
    assertEquals(ask("Bearer a, Bearer b")?.status, 400);
  }
  assertEquals(ask("Bearer wrong")?.status, 401);
});

Deno.test("TokenGuard.refusal() names the error (RFC 6750 §3.1)", () => {
  const { ask } = make();
  const challenge = (token?: string) =>
    ask(token)?.headers?.["www-authenticate"];
  assertEquals(challenge(), 'Bearer realm="a"');
  assertEquals(challenge("Basic eDp5"), 'Bearer realm="a"');
  assertEquals(
    challenge("Bearer x"),
    'Bearer realm="a", error="invalid_token"',
  );
  assertEquals(
    challenge("Bearer x y"),
    'Bearer realm="a", error="invalid_request"',
  );
});

Deno.test("TokenFailures counts the wrong tokens of all threads together", () => {
  const memory = AddressRate.memory();
  const [one, other] = [make(memory), make(memory)];
  for (let i = 0; i < 5; i++) {
    assertEquals(one.ask("Bearer wrong")?.status, 401);
    assertEquals(other.ask("Bearer wrong")?.status, 401);
  }
  assertEquals(one.ask("Bearer wrong")?.status, 429);
  assertEquals(other.ask("Bearer wrong")?.status, 429);
});
