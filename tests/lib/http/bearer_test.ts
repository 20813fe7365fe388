import { assertEquals } from "@std/assert";
import { bearerToken } from "../../../lib/http/bearer.ts";

for (
  const [field, token] of [
    ["Bearer abc", "abc"],
    ["bearer  a.b_c~+/=  ", "a.b_c~+/="],
    ["Bearer", undefined],
    ["Bearer a b", undefined],
    ["Basic abc", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`bearerToken() finds ${token} in "${field}"`, () => {
    const headers = new Headers({ authorization: field });
    assertEquals(bearerToken(headers), token);
  });
}

Deno.test("bearerToken() finds nothing where there is no field", () => {
  assertEquals(bearerToken(new Headers()), undefined);
});
