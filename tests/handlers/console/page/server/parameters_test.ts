import { assertEquals } from "@std/assert";
import { PARAMETERS } from "../../../../../handlers/script/query/parameters.ts";
import { parseBehaviour } from "../../../../../handlers/script/query/parse.ts";
import {
  errorOf,
  exampleOf,
} from "../../../../../handlers/console/page/server/parameters.js";

/** Valid and invalid values of every kind. */
const VALUES = [
  "0",
  "1",
  "2",
  "9",
  "10",
  "100",
  "199",
  "200",
  "599",
  "600",
  "999",
  "1000",
  "1003",
  "1004",
  "1006",
  "1007",
  "1014",
  "1015",
  "2999",
  "3000",
  "4999",
  "5000",
  "3600000",
  "3600001",
  "16777216",
  "16777217",
  "-1",
  "1.5",
  "1e3",
  "+1",
  "0x10",
  "off",
  "on",
  "a",
  "a b",
  "ü".repeat(62),
  "a".repeat(129),
  "a".repeat(1025),
  " 1",
];

for (const parameter of PARAMETERS) {
  for (const listener of ["edge", "frame"] as const) {
    Deno.test(`errorOf() rejects the values of ${parameter.name} that the ${listener} listener rejects`, () => {
      for (const value of VALUES) {
        // The checkbox of a flag has no other value.
        if (parameter.kind === "flag" && value !== "1") continue;
        const values = { [parameter.name]: value };
        const { ok } = parseBehaviour(
          new URLSearchParams(values),
          listener,
        );
        const error = errorOf(parameter, values, listener);
        assertEquals(error === undefined, ok, `${value}: ${error}`);
      }
    });
  }
}

Deno.test("errorOf() accepts an empty field", () => {
  for (const parameter of PARAMETERS) {
    assertEquals(errorOf(parameter, {}, "edge"), undefined);
    assertEquals(
      errorOf(parameter, { [parameter.name]: "" }, "edge"),
      undefined,
    );
  }
});

Deno.test("errorOf() checks required and excluded parameters", () => {
  const after = PARAMETERS.find(({ name }) => name === "after")!;
  assertEquals(
    errorOf(after, { after: "1" }, "frame"),
    "Requires close or abort.",
  );
  assertEquals(
    errorOf(after, { after: "1", close: "1000" }, "frame"),
    undefined,
  );
  assertEquals(
    errorOf(after, { after: "1", close: "1000", stall: "1" }, "frame"),
    "Cannot be combined with stall.",
  );
});

Deno.test("exampleOf() is a valid value", () => {
  for (const parameter of PARAMETERS) {
    const values = Object.fromEntries(new URLSearchParams(parameter.example));
    assertEquals(values[parameter.name], exampleOf(parameter));
    assertEquals(errorOf(parameter, values, "frame"), undefined);
  }
});
