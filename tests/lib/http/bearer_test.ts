import { assertEquals } from "@std/assert";
import { credential } from "../../../lib/http/bearer.ts";

const NO_QUERY = new URLSearchParams();
const IN_QUERY = new URLSearchParams("token=abc");

for (
  const [field, token] of [
    ["Bearer abc", "abc"],
    ["bearer  a.b_c~+/=  ", "a.b_c~+/="],
    ["Bearer", null],
    ["Bearer a b", null],
    ["Bearer a, Bearer b", null],
    ["Basic abc, Bearer abc", null],
    ["Basic abc", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`credential() of "Authorization: ${field}" is ${token}`, () => {
    const headers = new Headers({ authorization: field });
    assertEquals(credential(headers, NO_QUERY, true), token);
  });
}

Deno.test("credential() is undefined without a token", () => {
  assertEquals(credential(new Headers(), NO_QUERY, true), undefined);
});

Deno.test("credential() reads the query parameter token where it may", () => {
  assertEquals(credential(new Headers(), IN_QUERY, true), "abc");
  assertEquals(credential(new Headers(), IN_QUERY, false), undefined);
});

for (const inQuery of [true, false]) {
  Deno.test(`credential() is null for several tokens, with inQuery ${inQuery}`, () => {
    const headers = new Headers({ authorization: "Bearer abc" });
    const two = new URLSearchParams("token=abc&token=abc");
    assertEquals(credential(headers, IN_QUERY, inQuery), null);
    assertEquals(credential(new Headers(), two, inQuery), null);
  });
}
