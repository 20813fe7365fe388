import { assert, assertEquals } from "@std/assert";
import { clientsBehind } from "../../../lib/limits/address/client_address.ts";
import { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import { NO_OBSERVER } from "../../../lib/observer.ts";
import { HTTP_INFO as INFO } from "../../handlers/fakes.ts";

const REQUEST = new Request("http://a.test/");

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("LongRunningRequests.begin() gives places up to the limit", () => {
  const answers = new LongRunningRequests(2);
  assert(answers.begin(REQUEST, INFO).place);
  assert(answers.begin(REQUEST, INFO).place);
  assertEquals(answers.begin(REQUEST, INFO).error?.status, 503);
  assertEquals(answers.size, 2);
});

Deno.test("LongRunningRequests.begin() gives a place again that was given back, once", () => {
  const answers = new LongRunningRequests(2);
  const first = answers.begin(REQUEST, INFO).place!;
  answers.begin(REQUEST, INFO);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertEquals(answers.size, 1);
  assert(answers.begin(REQUEST, INFO).place);
  assertEquals(answers.begin(REQUEST, INFO).error?.status, 503);
});

Deno.test("LongRunningRequests.shutdown() tells those under way and admits nobody", async () => {
  const answers = new LongRunningRequests(2);
  let told = false;
  answers.stopping.addEventListener("abort", () => told = true);
  using _place = answers.begin(REQUEST, INFO).place!;
  await answers.shutdown();
  assert(told);
  assertEquals(answers.begin(REQUEST, INFO).error?.status, 503);
});

function from(hostname: string) {
  return { remoteAddr: { transport: "tcp", hostname, port: 1 } as const };
}

Deno.test("LongRunningRequests.begin() refuses a client that has its share with 429, and no other", () => {
  const refused: string[] = [];
  const answers = new LongRunningRequests(10, {
    limit: 2,
    observer: { ...NO_OBSERVER, limited: (limit) => refused.push(limit) },
  });
  const place = answers.begin(REQUEST, from("192.0.2.1")).place!;
  assert(answers.begin(REQUEST, from("192.0.2.1")).place);
  const { error } = answers.begin(REQUEST, from("192.0.2.1"));
  assertEquals(error?.status, 429);
  assertEquals(error?.headers, { "retry-after": "5" });
  assertEquals(refused, ["MAX_CONNECTIONS_PER_IP"]);
  assert(answers.begin(REQUEST, from("192.0.2.2")).place);
  assertEquals(answers.size, 3);
  place[Symbol.dispose]();
  place[Symbol.dispose]();
  assert(answers.begin(REQUEST, from("192.0.2.1")).place);
  assertEquals(answers.begin(REQUEST, from("192.0.2.1")).error?.status, 429);
});

Deno.test("LongRunningRequests.begin() counts the clients of a proxy, and /64 networks", () => {
  const clientOf = clientsBehind(1);
  const answers = new LongRunningRequests(10, { limit: 1, clientOf });
  for (
    const [address, status] of [
      ["192.0.2.1", undefined],
      ["192.0.2.2", undefined],
      ["192.0.2.1", 429],
      ["2001:db8::1", undefined],
      ["2001:db8::2", 429],
    ] as const
  ) {
    const headers = { "x-forwarded-for": `made.up, ${address}` };
    const request = new Request("http://a.test/", { headers });
    assertEquals(answers.begin(request, INFO).error?.status, status, address);
  }
});
