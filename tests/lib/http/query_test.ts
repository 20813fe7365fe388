import { assertEquals, assertThrows } from "@std/assert";
import {
  checkNames,
  QueryError,
  readParameter,
  wholeNumber,
} from "../../../lib/http/query.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";

const KIND = wholeNumber(10, 200, "milliseconds");

function read(query: string): number | undefined {
  return readParameter(new URLSearchParams(query), "tick", KIND);
}

Deno.test("readParameter() returns a value, or undefined if it is missing", () => {
  assertEquals(read("tick=10"), 10);
  assertEquals(read("a=1&tick=200"), 200);
  assertEquals(read("a=1"), undefined);
});

for (const query of ["tick=9", "tick=201", "tick=", "tick=x", "tick=1.5"]) {
  Deno.test(`readParameter() refuses ?${query} and names the allowed values`, () => {
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

Deno.test("wholeNumber() names no unit when there is none", () =>
  assertEquals(
    wholeNumber(200, 599).allowed,
    "a whole number from 200 to 599",
  ));

Deno.test("checkNames() accepts the route's parameters, and none", () => {
  checkNames(new URLSearchParams("code=1&reason=x"), ["code", "reason"]);
  checkNames(new URLSearchParams(), []);
});

Deno.test("checkNames() refuses another name and lists the parameters", () => {
  assertThrows(
    () => checkNames(new URLSearchParams("rout=/ws"), ["route"]),
    RefusedError,
    '"rout" is no parameter of this route: route.',
  );
  assertThrows(
    () => checkNames(new URLSearchParams("x"), []),
    RefusedError,
    "there are none",
  );
});
