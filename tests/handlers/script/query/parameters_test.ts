import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  allowedValues,
  type Parameter,
  PARAMETERS,
} from "../../../../handlers/script/query/parameters.ts";
import { parseBehaviour } from "../../../../handlers/script/query/parse.ts";
import { isCloseCodeAllowed } from "../../../../lib/protocol/close_code.ts";

const ROWS: readonly Parameter[] = PARAMETERS;

/** Returns a row by its name. */
function row(name: string): Parameter {
  return ROWS.find((parameter) => parameter.name === name)!;
}

Deno.test("PARAMETERS has unique names", () => {
  const names = ROWS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const name of names) assertMatch(name, /^[a-z]+$/);
});

Deno.test("PARAMETERS describes each parameter in one sentence", () => {
  for (const { description } of ROWS) {
    assertMatch(description, /^[A-Z][^.]+\.$/);
  }
});

Deno.test("PARAMETERS works on the frame listener", () => {
  for (const { listeners } of ROWS) assert(listeners.includes("frame"));
});

Deno.test("PARAMETERS names existing parameters in needs and excludes", () => {
  for (const { needs = [], excludes = [] } of ROWS) {
    for (const name of [...needs, ...excludes]) assert(row(name), name);
  }
});

for (const { name, example, listeners } of ROWS) {
  for (const listener of listeners) {
    Deno.test(`PARAMETERS has an example of ${name} that is valid on ${listener}`, () => {
      const query = new URLSearchParams(example);
      assert(query.has(name));
      const parsed = parseBehaviour(query, listener);
      assert(parsed.ok, JSON.stringify(parsed));
    });
  }
}

Deno.test("PARAMETERS allows exactly the close codes that may be sent", () => {
  for (let code = 0; code <= 65535; code++) {
    const { ok } = parseBehaviour(
      new URLSearchParams({ close: `${code}` }),
      "edge",
    );
    assertEquals(ok, isCloseCodeAllowed(code), `${code}`);
  }
});

for (
  const [name, allowed] of [
    ["delay", "0 to 3600000 ms"],
    ["tick", "10 to 3600000 ms"],
    ["after", "0 to 1000000 messages"],
    ["reject", "200 to 599"],
    ["close", "1000 to 1003, 1007 to 1014, 3000 to 4999"],
    ["hello", "a text of at most 1024 bytes"],
    ["subprotocol", "a token of at most 128 characters"],
    ["compression", "off"],
    ["mute", "1"],
  ] as const
) {
  Deno.test(`allowedValues() of ${name} is "${allowed}"`, () => {
    assertEquals(allowedValues(row(name)), allowed);
  });
}
