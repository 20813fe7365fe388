import { assertEquals, assertThrows } from "@std/assert";
import { answerRefusal } from "../../../lib/http/answer_refusal.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";

const REQUEST = new Request("http://a.test/");

Deno.test("answerRefusal() returns the result, or the response of a RefusedError", async () => {
  assertEquals(answerRefusal(REQUEST, () => 7), 7);
  const response = answerRefusal(REQUEST, (): number => {
    throw new RefusedError({ status: 403, message: "No." });
  }) as Response;
  assertEquals([response.status, await response.text()], [403, "No.\n"]);
});

Deno.test("answerRefusal() throws other errors on", () => {
  const fail = () => {
    throw new RangeError("mine");
  };
  assertThrows(() => answerRefusal(REQUEST, fail), RangeError);
});
