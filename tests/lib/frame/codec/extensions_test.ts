import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type ExtensionOffer,
  parseExtensions,
} from "../../../../lib/frame/codec/extensions.ts";

const READ: readonly [field: string | null, offers: ExtensionOffer[]][] = [
  [null, []],
  ["", []],
  [" ,, \t,", []],
  ["a", [{ name: "a", parameters: [] }]],
  ["a,b", [{ name: "a", parameters: [] }, { name: "b", parameters: [] }]],
  ["a , b,", [{ name: "a", parameters: [] }, { name: "b", parameters: [] }]],
  ["a;b", [{ name: "a", parameters: [["b", true]] }]],
  ["a\t; b ;\tc ", [{ name: "a", parameters: [["b", true], ["c", true]] }]],
  ["a; b=1", [{ name: "a", parameters: [["b", "1"]] }]],
  ["a; b = 1 ; c", [{ name: "a", parameters: [["b", "1"], ["c", true]] }]],
  ['a; b="1"', [{ name: "a", parameters: [["b", "1"]] }]],
  ['a; b="\\1\\0" , c', [
    { name: "a", parameters: [["b", "10"]] },
    { name: "c", parameters: [] },
  ]],
  ["a; b; b=2", [{ name: "a", parameters: [["b", true], ["b", "2"]] }]],
  ["a; b=1, a; b=2", [
    { name: "a", parameters: [["b", "1"]] },
    { name: "a", parameters: [["b", "2"]] },
  ]],
  ["!#$%&'*+-.^_`|~09azAZ", [
    { name: "!#$%&'*+-.^_`|~09azAZ", parameters: [] },
  ]],
];

for (const [field, offers] of READ) {
  Deno.test(`parseExtensions() parses ${JSON.stringify(field)}`, () => {
    assertEquals(parseExtensions(field), offers);
  });
}

const MALFORMED = [
  ";",
  "a;",
  "a; ;b",
  "a; b=",
  "a; =1",
  "a b",
  "a; b c",
  "a; b=1 2",
  "a=1",
  '"a"',
  'a; "b"',
  'a; b="',
  'a; b="1',
  'a; b="1\\',
  'a; b="1\\"',
  'a; b=""',
  'a; b="1 0"',
  'a; b="1,0"',
  'a; b="1"0',
  "a; b='1\"",
  "a, ;",
  "ä",
  "a/b",
  "a\0",
];

for (const field of MALFORMED) {
  Deno.test(`parseExtensions() refuses ${JSON.stringify(field)}`, () => {
    assertEquals(parseExtensions(field), undefined);
  });
}

const token = fc.string({
  unit: fc.constantFrom(..."!#$%&'*+-.^_`|~0123456789azAZ"),
  minLength: 1,
  maxLength: 8,
});

const blanks = fc.constantFrom("", " ", "\t", "  ");

const offer = fc.record({
  name: token,
  parameters: fc.array(
    fc.tuple(token, fc.oneof(token, fc.constant<true>(true))),
    { maxLength: 4 },
  ),
});

/** The forms of a value. */
const quoting = fc.constantFrom(
  (value: string) => value,
  (value: string) => `"${value}"`,
  (value: string) => `"${value.replaceAll(/./g, "\\$&")}"`,
);

Deno.test("parseExtensions() parses any field of the grammar", () => {
  const offers = fc.array(offer, { maxLength: 4 });
  fc.assert(
    fc.property(offers, quoting, blanks, (offers, quoted, gap) => {
      const field = offers.map(({ name, parameters }) =>
        [
          name,
          ...parameters.map(([key, value]) =>
            value === true ? key : `${key}${gap}=${gap}${quoted(value)}`
          ),
        ].join(`${gap};${gap}`)
      ).join(`${gap},${gap}`);
      assertEquals(parseExtensions(`${gap}${field}${gap}`), offers);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("parseExtensions() never throws, and returns only tokens", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'a1;,="\\ \t') }),
  );
  const isToken = (value: string | true) =>
    value === true || /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value);
  fc.assert(
    fc.property(text, (field) => {
      for (const { name, parameters } of parseExtensions(field) ?? []) {
        assertEquals([name, ...parameters.flat()].every(isToken), true);
      }
    }),
    { numRuns: 10_000 },
  );
});
