import { CLEAN } from "./reports/results.ts";
import { assertEquals } from "@std/assert";
import { caseById } from "../../../lib/conformance/cases.ts";
import type { EndState, Role } from "../../../lib/conformance/case/result.ts";
import { judge, judgeUnopened } from "../../../lib/conformance/verdict.ts";

const OK = { behavior: "OK", result: "Fine." } as const;

function verdict(
  id: string,
  end: Partial<EndState>,
  options: { role?: Role; behavior?: "OK" | "FAILED" | "NON-STRICT" } = {},
): readonly [string, string] {
  const { role = "server", behavior = "OK" } = options;
  const { behavior: frames, behaviorClose } = judge(
    caseById(id)!,
    role,
    { ...CLEAN, ...end },
    { ...OK, behavior },
  );
  return [frames, behaviorClose];
}

const PEER = { closedByMe: false };

for (
  const [what, actual, expected] of [
    ["a clean end", verdict("1.1.1", {}), ["OK", "OK"]],
    [
      "no code",
      verdict("1.1.1", { remoteCloseCode: null }),
      ["OK", "OK"],
    ],
    [
      "the wrong side, before anything else",
      verdict("1.1.1", { ...PEER, wasClean: false, remoteCloseCode: 1002 }),
      ["OK", "FAILED"],
    ],
    [
      "no clean end, before the code",
      verdict("1.1.1", { wasClean: false, remoteCloseCode: 1002 }),
      ["OK", "UNCLEAN"],
    ],
    [
      "no clean end where none is needed",
      verdict("3.1", { ...PEER, wasClean: false, remoteCloseCode: null }),
      ["OK", "OK"],
    ],
    [
      "a wrong code",
      verdict("3.1", { ...PEER, remoteCloseCode: 1003 }),
      ["OK", "WRONG CODE"],
    ],
    [
      "a wrong code in family 7",
      verdict("7.7.2", { remoteCloseCode: 1002 }),
      ["FAILED", "WRONG CODE"],
    ],
    [
      "the echoed code",
      verdict("7.7.2", { remoteCloseCode: 1001 }),
      ["OK", "OK"],
    ],
    [
      "either code of 7.5.1",
      verdict("7.5.1", { remoteCloseCode: 1007 }),
      ["OK", "OK"],
    ],
    [
      "TCP ended by the engine as a client",
      verdict("1.1.1", {}, { role: "client" }),
      ["OK", "FAILED BY CLIENT"],
    ],
    [
      "invalid text that the peer has accepted",
      verdict("6.3.1", {}),
      ["FAILED", "FAILED"],
    ],
    [
      "a violation that the peer has accepted, outside of family 6",
      verdict("3.1", {}, { behavior: "OK" }),
      ["OK", "FAILED"],
    ],
    [
      "an informational case, whatever has happened",
      verdict("7.1.6", { ...PEER, wasClean: false }, { behavior: "FAILED" }),
      ["INFORMATIONAL", "INFORMATIONAL"],
    ],
    [
      "frames that are not the expected ones",
      verdict("1.1.1", {}, { behavior: "FAILED" }),
      ["FAILED", "OK"],
    ],
    [
      "frames that are permitted",
      verdict("3.2", PEER, { behavior: "NON-STRICT" }),
      ["NON-STRICT", "WRONG CODE"],
    ],
  ] as const
) {
  Deno.test(`judge() gives ${expected.join(" and ")} for ${what}`, () => {
    assertEquals(actual, expected);
  });
}

Deno.test("judgeUnopened() names the fault of the handshake", () => {
  assertEquals(judgeUnopened("the status is 404"), {
    behavior: "FAILED",
    result: "The opening handshake failed: the status is 404.",
    behaviorClose: "FAILED",
    resultClose: "The connection was never open.",
  });
});
