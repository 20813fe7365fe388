import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  answerRefusal,
  answerRefusals,
} from "../../../lib/http/answer_refusals.ts";
import { QueryError } from "../../../lib/http/query.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import { HTTP_INFO } from "../../handlers/fakes.ts";

const REQUEST = new Request("http://a.test/");

Deno.test("answerRefusals() returns the handler's response", async () => {
  const handler = answerRefusals(() => new Response("fine"));
  const response = await handler(REQUEST, HTTP_INFO);
  assertEquals([response.status, await response.text()], [200, "fine"]);
});

Deno.test("answerRefusals() sends the response of a RefusedError", async () => {
  const handler = answerRefusals(() => {
    const headers = { "retry-after": "5" };
    throw new RefusedError({ status: 503, message: "Too busy.", headers });
  });
  const response = await handler(REQUEST, HTTP_INFO);
  assertEquals([response.status, await response.text()], [503, "Too busy.\n"]);
  assertEquals(response.headers.get("retry-after"), "5");
});

Deno.test("answerRefusals() sends 400 and the sentence of a QueryError", async () => {
  const handler = answerRefusals(() =>
    Promise.reject(new QueryError("tick", "a number"))
  );
  const response = await handler(REQUEST, HTTP_INFO);
  assertEquals([response.status, await response.text()], [
    400,
    'The parameter "tick" has to be a number.\n',
  ]);
});

Deno.test("answerRefusals() throws other errors on", async () => {
  const handler = answerRefusals(() => {
    throw new RangeError("mine");
  });
  await assertRejects(
    async () => await handler(REQUEST, HTTP_INFO),
    RangeError,
    "mine",
  );
});

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
