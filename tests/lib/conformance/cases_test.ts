import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Case } from "../../../lib/conformance/case/case.ts";
import { caseById, CASES, FAMILIES } from "../../../lib/conformance/cases.ts";

/** The number of cases of each group, in the suite's order. */
const GROUPS: readonly (readonly [group: string, count: number])[] = [
  ["1.1", 8],
  ["1.2", 8],
  ...Array.from({ length: 11 }, (_, i) => [`2.${i + 1}`, 0] as const),
  ...Array.from({ length: 7 }, (_, i) => [`3.${i + 1}`, 0] as const),
  ["4.1", 5],
  ["4.2", 5],
  ...Array.from({ length: 20 }, (_, i) => [`5.${i + 1}`, 0] as const),
  ...[3, 4, 2, 4, 5, 11, 4, 2, 4, 3, 5, 8, 5, 10, 1, 3, 5, 5, 5, 7, 8, 34, 7]
    .map((count, i) => [`6.${i + 1}`, count] as const),
  ["7.1", 6],
  ["7.3", 6],
  ["7.5", 1],
  ["7.7", 13],
  ["7.9", 9],
  ["7.13", 2],
  ...[6, 6, 9, 9, 6, 6, 6, 6].map((count, i) => [`9.${i + 1}`, count] as const),
  ["10.1", 1],
  ...Array.from({ length: 5 }, (_, i) => [`12.${i + 1}`, 18] as const),
  ...Array.from({ length: 7 }, (_, i) => [`13.${i + 1}`, 18] as const),
];

/** The ids of a group; a group without a third number is a case. */
function idsOf([group, count]: typeof GROUPS[number]): string[] {
  if (count === 0) return [group];
  return Array.from({ length: count }, (_, i) => `${group}.${i + 1}`);
}

Deno.test("CASES has the 517 ids of the suite in its order", () => {
  assertEquals(CASES.length, 517);
  assertEquals(CASES.map(({ id }) => id), GROUPS.flatMap(idsOf));
});

Deno.test("CASES numbers the cases from 1 on", () => {
  assertEquals(
    CASES.map(({ number }) => number),
    Array.from({ length: 517 }, (_, i) => i + 1),
  );
});

// Numbers that public reports of clients show.
for (
  const [number, id] of [[1, "1.1.1"], [74, "6.4.1"], [302, "12.1.1"]] as const
) {
  Deno.test(`case ${number} is ${id}`, () => {
    assertEquals(CASES[number - 1]!.id, id);
    assertEquals(caseById(id)!.number, number);
  });
}

Deno.test("caseById() does not know ids that the suite has not", () => {
  for (const id of ["", "0.1", "8.1", "11.1", "1.1.9", "1.1"]) {
    assertEquals(caseById(id), undefined);
  }
});

Deno.test("every case names the section of its rule, and is described", () => {
  for (const { section, description, expectation } of CASES) {
    assertMatch(section, /^RFC (?:6455|7692) §\d+(?:\.\d+)*$/);
    assertMatch(description, /^[A-Z0-9].*\.$|: the bytes [0-9a-f]* as a text/);
    assertMatch(expectation, /^[A-Z].*\.$/);
  }
});

Deno.test("cases of a family have different descriptions", () => {
  const seen = new Map<string, string>();
  for (const { id, description } of CASES) {
    const key = `${id.split(".")[0]} ${description}`;
    const before = seen.get(key);
    // U+10FFFF, U+FFFD to U+FFFF are in several groups of family 6.
    assert(before === undefined, `${id} and ${before}: ${description}`);
    seen.set(key, id);
  }
});

Deno.test("FAMILIES has the first numbers of the ids", () => {
  const numbers = [...new Set(CASES.map(({ id }) => Number(id.split(".")[0])))];
  assertEquals(FAMILIES.map(({ number }) => number), numbers);
});

function idsWhere(matches: (testCase: Case) => boolean): string[] {
  return CASES.filter(matches).map(({ id }) => id);
}

Deno.test("three cases are informational", () => {
  assertEquals(
    idsWhere(({ lastRule }) => lastRule === "informational"),
    ["7.1.6", "7.13.1", "7.13.2"],
  );
});

Deno.test("a wrong close code fails the cases of 7.1 to 7.9", () => {
  assertEquals(
    idsWhere(({ lastRule }) => lastRule === "wrong code fails"),
    idsWhere(({ id }) =>
      id.startsWith("7.") && id !== "7.1.6" && !id.startsWith("7.13.")
    ),
  );
});

Deno.test("cases with several acceptable answers are those of the suite", () => {
  assertEquals(
    idsWhere(({ program }) =>
      program.kind === "exchange" && program.nonStrict !== undefined
    ),
    [
      ...["3.2", "3.3", "3.4"],
      ...["4.1.3", "4.1.4", "4.1.5", "4.2.3", "4.2.4", "4.2.5"],
      ...["5.15", "6.4.1", "6.4.2", "6.4.3", "6.4.4", "7.1.6"],
    ],
  );
});

Deno.test("the peer has to fail the connection in the cases with violations", () => {
  const isOf = (...prefixes: string[]) => ({ id }: Case) =>
    prefixes.some((prefix) => id === prefix || id.startsWith(`${prefix}.`));
  const byPeer = idsWhere(({ closing }) => closing.by === "peer");
  assertEquals(byPeer.filter((id) => !id.startsWith("6.")), [
    "2.5",
    ...idsWhere(isOf("3", "4")),
    ...["5.1", "5.2", "5.9", "5.10", "5.11", "5.12", "5.13", "5.14", "5.15"],
    ...["5.16", "5.17", "5.18"],
  ]);
  for (const id of byPeer) {
    const { codes, clean } = caseById(id)!.closing;
    assertEquals([codes, clean], [[id.startsWith("6.") ? 1007 : 1002], false]);
  }
});

Deno.test("family 6 has 75 texts that are not UTF-8", () => {
  const invalid = idsWhere(({ id, closing }) =>
    id.startsWith("6.") && closing.wrongSideFails === true
  );
  assertEquals(invalid.length, 75);
  assertEquals(
    invalid.filter((id) => id.startsWith("6.6.")),
    ["6.6.1", "6.6.3", "6.6.4", "6.6.6", "6.6.8", "6.6.10"],
  );
});
