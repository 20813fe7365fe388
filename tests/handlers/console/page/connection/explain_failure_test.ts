import { assertEquals, assertMatch } from "@std/assert";
import {
  explainOther,
  explainOwn,
  requestedFailure,
} from "../../../../../handlers/console/page/connection/explain_failure.js";

Deno.test("requestedFailure() explains failures that the URL requests", () => {
  const of = (path: string) => requestedFailure(new URL(path, "ws://h"));
  assertEquals(
    of("/ws?reject=418"),
    "The server refused the handshake with status 418, as the parameter reject requests.",
  );
  assertEquals(of("/auth?token=x")?.includes("401"), true);
  assertEquals(of("/ws?subprotocol=x")?.includes("did not offer"), true);
  assertEquals(of("/ws?delay=1"), undefined);
});

/** Results of plain HTTP requests, and a part of the explanation. */
const OWN: readonly [
  address: string,
  findings: { health: number | undefined; responds: boolean },
  text: RegExp,
][] = [
  [
    "ws://h:8000/auth?token=x",
    { health: undefined, responds: false },
    /^No response from h:8000: /,
  ],
  [
    "ws://h:8001/ws?reject=418",
    { health: undefined, responds: false },
    /^No response from h:8000: /,
  ],
  [
    "ws://h:8001/auth",
    { health: 200, responds: false },
    /^No response from h:8001, but h:8000 responds: /,
  ],
  [
    "ws://h:8000/auth",
    { health: 503, responds: true },
    /^h:8000 responds with status 503: /,
  ],
  [
    "ws://h:8001/ws",
    { health: 502, responds: false },
    /^h:8000 responds with status 502: /,
  ],
  [
    "ws://h:8000/auth",
    { health: 200, responds: true },
    /\/auth responds with status 401/,
  ],
  ["ws://h:8001/ws", { health: 200, responds: true }, /^h:8001 refused/],
  ["ws://h:8001/ws", { health: undefined, responds: true }, /^h:8001 refused/],
];

for (const [address, findings, text] of OWN) {
  Deno.test(`explainOwn() returns ${text} for ${address} with ${JSON.stringify(findings)}`, () => {
    const explanation = explainOwn(new URL(address), {
      home: "h:8000",
      ...findings,
    });
    assertMatch(explanation, text);
    assertEquals(explanation.includes("401"), text.source.includes("401"));
  });
}

Deno.test("explainOther() explains each status, and a missing response", () => {
  const of = (status: number | undefined) =>
    explainOther(new URL("ws://h/path"), status, "http://page");
  assertMatch(
    of(undefined),
    /^No response from h, or a response that the browser hides from a page of http:\/\/page\./,
  );
  assertMatch(of(0), /^h responds, but refused the handshake/);
  assertMatch(
    of(403),
    /^h responds to a plain HTTP request with status 403, but refused/,
  );
  assertMatch(of(501), /^h does not support .* a journal .* threads\.$/);
  assertMatch(of(404), /^h has no route \/path\.$/);
  assertMatch(
    of(503),
    /^h responds to a plain HTTP request with status 503: it is full/,
  );
});
