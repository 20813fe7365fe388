import { assertEquals } from "@std/assert";
import { credential } from "../../../lib/http/bearer.ts";

for (
  const [field, token] of [
    ["Bearer abc", "abc"],
    ["bearer  a.b_c~+/=  ", "a.b_c~+/="],
    ["Bearer", null],
    ["Bearer a b", null],
    ["Basic abc", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`credential() of "Authorization: ${field}" is ${token}`, () => {
    const headers = new Headers({ authorization: field });
    assertEquals(credential(headers), token);
  });
}

Deno.test("credential() is undefined without a token", () => {
  assertEquals(credential(new Headers(), new URLSearchParams()), undefined);
});

Deno.test("credential() reads the query parameter token", () => {
  const query = new URLSearchParams("token=abc");
  assertEquals(credential(new Headers(), query), "abc");
  assertEquals(credential(new Headers()), undefined, "not without the query");
});

Deno.test("credential() is null for several tokens", () => {
  const headers = new Headers({ authorization: "Bearer abc" });
  const [one, two] = [
    new URLSearchParams("token=abc"),
    new URLSearchParams("token=abc&token=abc"),
  ];
  assertEquals(credential(headers, one), null);
  assertEquals(credential(new Headers(), two), null);
});
