import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  QueryError,
  readParameter,
  refusingBadQuery,
  wholeNumber,
} from "../../../lib/http/query.ts";
import { HTTP_INFO } from "../../handlers/fakes.ts";

const KIND = wholeNumber(10, 200, "milliseconds");

function read(query: string): number | undefined {
  return readParameter(new URLSearchParams(query), "tick", KIND);
}

Deno.test("readParameter() reads a value, or nothing", () => {
  assertEquals(read("tick=10"), 10);
  assertEquals(read("a=1&tick=200"), 200);
  assertEquals(read("a=1"), undefined);
});

for (const query of ["tick=9", "tick=201", "tick=", "tick=x", "tick=1.5"]) {
  Deno.test(`readParameter() refuses ?${query} and says what is allowed`, () => {
    assertThrows(
      () => read(query),
      QueryError,
      'The parameter "tick" has to be a whole number of milliseconds from 10 to 200',
    );
  });
}

for (const value of ["-10", "+10", "1e2", "0x10", " 10", "10 ", "９９"]) {
  Deno.test(`readParameter() refuses "${value}" as a number`, () => {
    assertThrows(
      () => read(new URLSearchParams({ tick: value }).toString()),
      QueryError,
    );
  });
}

Deno.test("readParameter() refuses a parameter that is given twice", () => {
  assertThrows(() => read("tick=10&tick=10"), QueryError, "once");
});

Deno.test("wholeNumber() leaves the unit out where there is none", () =>
  assertEquals(
    wholeNumber(200, 599).allowed,
    "a whole number from 200 to 599",
  ));

Deno.test("refusingBadQuery() answers 400 with the sentence", async () => {
  const handler = refusingBadQuery((request) => {
    readParameter(new URL(request.url).searchParams, "tick", KIND);
    return new Response("fine");
  });
  const good = await handler(new Request("http://a.test/?tick=20"), HTTP_INFO);
  assertEquals([good.status, await good.text()], [200, "fine"]);
  const bad = await handler(new Request("http://a.test/?tick=2"), HTTP_INFO);
  assertEquals([bad.status, await bad.text()], [
    400,
    'The parameter "tick" has to be a whole number of milliseconds from 10 to 200, once.\n',
  ]);
});

Deno.test("refusingBadQuery() leaves other errors alone", async () => {
  const handler = refusingBadQuery(() => {
    throw new RangeError("mine");
  });
  await assertRejects(
    async () => await handler(new Request("http://a.test/"), HTTP_INFO),
    RangeError,
    "mine",
  );
});
