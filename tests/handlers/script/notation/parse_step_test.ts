import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { ByteSource } from "../../../../handlers/script/arguments/argument.ts";
import {
  formOf,
  parseStep,
} from "../../../../handlers/script/notation/parse_step.ts";
import { PlanError } from "../../../../handlers/script/notation/refusal.ts";
import { STEPS } from "../../../../handlers/script/steps/table.ts";

/** The values of a step. */
function valuesOf(text: string): readonly unknown[] {
  return parseStep(text).values;
}

/** The message for an invalid step. */
function messageOf(text: string): string {
  return assertThrows(() => parseStep(text), PlanError).message;
}

for (
  const [text, values] of [
    ["text:hello", ["hello"]],
    ["text:", [""]],
    ["text:a%20b%2Fc", ["a b/c"]],
    ["text:a:b", ["a:b"]],
    ["text:%F0%9F%98%80", ["😀"]],
    ["text:a+b", ["a+b"]],
    ["close", [undefined, undefined]],
    ["close:1001", [1001, undefined]],
    ["close:1001:going%20away: now", [1001, "going away: now"]],
    ["field:X-A:b: c", ["X-A", "b: c"]],
    ["echo", [undefined]],
    ["echo:3", [3]],
    ["await:close", ["close"]],
    ["challenge:digest:a%3Ab:c", ["digest", "a:b", "c"]],
    ["%74ext:a", ["a"]],
  ] as const
) {
  Deno.test(`parseStep() reads ${text}`, () => {
    assertEquals(valuesOf(text), values);
  });
}

for (
  const [text, hex] of [
    ["raw:8a00", "8a00"],
    ["raw:8A00", "8a00"],
    ["raw:", ""],
    ["raw:3:61", "616161"],
    ["binary:0:00", ""],
    ["binary:00ff", "00ff"],
  ] as const
) {
  Deno.test(`parseStep() reads the bytes of ${text}`, () => {
    const [source] = valuesOf(text) as [ByteSource];
    assertEquals(source.make().toHex(), hex);
    assertEquals(source.length, hex.length / 2);
  });
}

for (
  const [text, ...parts] of [
    ["tex:hello", '"tex" is no step', "text", "close", "raw"],
    ["", '"" is no step'],
    ["text", "text lacks TEXT", "text:TEXT"],
    ["wait:1:2", "the form is wait:MS"],
    ["wait:-1", "MS is not valid; allowed: 0 to 3600000 ms"],
    ["wait:1e3", "MS is not valid; allowed: 0 to 3600000 ms"],
    ["wait:3600001", "MS is not valid; allowed: 0 to 3600000 ms"],
    ["raw:8a0", "HEX or N:BYTE, at most 16777216 bytes"],
    ["raw:16777217:00", "at most 16777216 bytes"],
    ["raw:2:0", "HEX or N:BYTE"],
    ["close:65536", "CODE is not valid; allowed: 0 to 65535"],
    [`close:1000:${"x".repeat(124)}`, "a text of at most 123 bytes"],
    ["field:a b:c", "NAME is not valid; allowed: a token"],
    [
      "field:a:b%0D%0Ac",
      "VALUE is not valid; allowed: the value of a header field",
    ],
    ["redirect:a%0Ab", "URL is not valid; allowed: a percent-encoded URL"],
    [
      "redirect:ws:",
      "STATUS is not valid; allowed: 301",
      ": is %3A and / is %2F",
    ],
    ["redirect:", "such as %2Fws"],
    ["status:204:body", "a response with 204 has no body"],
    ["challenge:basic:a%3Ab:c", "a USER of basic has no colon"],
    ["status:101", "N is not valid; allowed: 200 to 599"],
    ["accept:maybe", "HOW is not valid; allowed: wrong, missing or twice"],
    ["burst:65536:65536", "N times BYTES is at most 16777216"],
    ["text:%zz", "invalid percent-encoding"],
    ["text:%ff", "invalid percent-encoding"],
    ["frame:1:fin+fin:00", "FLAGS is not valid; allowed:"],
    ["frame:16:fin:00", "OPCODE is not valid; allowed: 0 to 15"],
    ["sometimes:50:nothing", '"nothing" is no step'],
    ["first:1:every:2:abort", "every has no effect there"],
  ] as const
) {
  Deno.test(`parseStep() refuses ${text.slice(0, 30)} and says what is allowed`, () => {
    const message = messageOf(text);
    for (const part of parts) assertStringIncludes(message, part);
  });
}

Deno.test("parseStep() reads the step in a step", () => {
  const { inner, values } = parseStep("sometimes:50:status:503:a%3Ab");
  assertEquals(values[0], 50);
  assertEquals(inner?.step.name, "status");
  assertEquals(inner?.values, [503, "a:b"]);
});

Deno.test("parseStep() shows control characters as escapes", () => {
  assert(!messageOf("wait:\x1b[31m").includes("\x1b"));
});

Deno.test("formOf() has all arguments", () => {
  const forms = Object.fromEntries(
    STEPS.map((step) => [step.name, formOf(step)]),
  );
  assertEquals(forms.close, "close[:CODE[:REASON]]");
  assertEquals(forms.status, "status:N[:BODY]");
  assertEquals(forms.hang, "hang");
});
