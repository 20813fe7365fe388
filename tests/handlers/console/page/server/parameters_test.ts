import { assertEquals } from "@std/assert";
import { PARAMETERS } from "../../../../../handlers/behaviour/parameters.ts";
import { parseBehaviour } from "../../../../../handlers/behaviour/parse.ts";
import {
  exampleOf,
  faultOf,
} from "../../../../../handlers/console/page/server/parameters.js";

/** Values of every kind, right ones and wrong ones. */
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
    Deno.test(`faultOf() finds what the ${listener} listener refuses of ${parameter.name}`, () => {
      for (const value of VALUES) {
        // A flag's box knows no other value.
        if (parameter.kind === "flag" && value !== "1") continue;
        const values = { [parameter.name]: value };
        const { ok } = parseBehaviour(
          new URLSearchParams(values),
          listener,
        );
        const fault = faultOf(parameter, values, listener);
        assertEquals(fault === undefined, ok, `${value}: ${fault}`);
      }
    });
  }
}

Deno.test("faultOf() says nothing of an empty field", () => {
  for (const parameter of PARAMETERS) {
    assertEquals(faultOf(parameter, {}, "edge"), undefined);
    assertEquals(
      faultOf(parameter, { [parameter.name]: "" }, "edge"),
      undefined,
    );
  }
});

Deno.test("faultOf() knows what a parameter needs and excludes", () => {
  const after = PARAMETERS.find(({ name }) => name === "after")!;
  assertEquals(
    faultOf(after, { after: "1" }, "frame"),
    "Needs close or abort.",
  );
  assertEquals(
    faultOf(after, { after: "1", close: "1000" }, "frame"),
    undefined,
  );
  assertEquals(
    faultOf(after, { after: "1", close: "1000", stall: "1" }, "frame"),
    "Not beside stall.",
  );
});

Deno.test("exampleOf() is a value that is right", () => {
  for (const parameter of PARAMETERS) {
    const values = Object.fromEntries(new URLSearchParams(parameter.example));
    assertEquals(values[parameter.name], exampleOf(parameter));
    assertEquals(faultOf(parameter, values, "frame"), undefined);
  }
});
