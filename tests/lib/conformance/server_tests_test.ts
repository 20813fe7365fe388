import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Case } from "../../../lib/conformance/case/case.ts";
import type { CaseResult } from "../../../lib/conformance/case/result.ts";
import { isFailed } from "../../../lib/conformance/reports/counts.ts";
import { selectCases } from "../../../lib/conformance/selection.ts";
import { testServer } from "../../../lib/conformance/server_tests.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { type BothListeners, listenBoth, serviceOf } from "../../service.ts";

const ECHO: WebSocketHandler = {
  handshake: () => ({ headers: { server: "echo" } }),
  compressionThreshold: 0,
  frame: (connection, frame) => connection.send(frame),
};

/** Both listeners with a route. */
function serve(handler: WebSocketHandler, compression = true): BothListeners {
  return listenBoth(serviceOf({
    router: new Router({ "/echo": handler }),
    compression,
  }));
}

function urlOf({ port }: Deno.NetAddr): string {
  return `ws://127.0.0.1:${port}/echo`;
}

/**
 * Runs of a case that fails: most time limits of the cases are one second, and a busy
 * machine stops a process for longer now and then.
 */
const ATTEMPTS = 4;

async function runOnce(
  url: string,
  cases: readonly Case[],
): Promise<readonly CaseResult[]> {
  return await Array.fromAsync(testServer(url, { cases }));
}

/** Runs cases, and those that fail again. */
async function run(
  url: string,
  cases: readonly Case[],
): Promise<readonly CaseResult[]> {
  const results = new Map<string, CaseResult>();
  let rest = cases;
  for (let i = 0; i < ATTEMPTS && rest.length > 0; i++) {
    for (const result of await runOnce(url, rest)) {
      results.set(result.case.id, result);
    }
    rest = rest.filter(({ id }) => isFailed(results.get(id)!));
  }
  return [...results.values()];
}

/** The results that are not OK, with their reasons. */
function notOk(results: readonly CaseResult[]): string[] {
  return results
    .filter(({ behavior, behaviorClose }) =>
      behavior !== "OK" || behaviorClose !== "OK"
    )
    .map(({ case: { id }, behavior, behaviorClose }) =>
      `${id} ${behavior} ${behaviorClose}`
    );
}

testWith(
  { net: true },
  "the frame listener is OK in families 1 to 10",
  async () => {
    await using both = serve(ECHO);
    const cases = selectCases({ exclude: ["12.*", "13.*"] });
    const results = await run(urlOf(both.address.frame), cases);
    assertEquals(results.length, 301);
    assertEquals(notOk(results), [
      "7.1.6 INFORMATIONAL INFORMATIONAL",
      "7.13.1 INFORMATIONAL INFORMATIONAL",
      "7.13.2 INFORMATIONAL INFORMATIONAL",
    ]);
    assertEquals(new Set(results.map(({ agent }) => agent)), new Set(["echo"]));
  },
);

testWith(
  { net: true },
  "the frame listener is OK in each group of families 12 and 13",
  async () => {
    await using both = serve(ECHO);
    const groups = [
      ...[1, 2, 3, 4, 5].map((n) => `12.${n}`),
      ...[1, 2, 3, 4, 5, 6, 7].map((n) => `13.${n}`),
    ];
    const cases = selectCases({
      cases: groups.flatMap((group) => [`${group}.3`, `${group}.11`]),
    });
    const results = await run(urlOf(both.address.frame), cases);
    assertEquals(results.length, 24);
    assertEquals(notOk(results), []);
    for (const { traffic } of results) {
      assertEquals(traffic!.incoming.appLevel, traffic!.outgoing.appLevel);
    }
  },
);

testWith(
  { net: true },
  "a server without compression is UNIMPLEMENTED in families 12 and 13",
  async () => {
    await using both = serve(ECHO, false);
    const cases = selectCases({ cases: ["12.1.1", "13.7.1"] });
    const results = await run(urlOf(both.address.frame), cases);
    assertEquals(notOk(results), [
      "12.1.1 UNIMPLEMENTED OK",
      "13.7.1 UNIMPLEMENTED OK",
    ]);
  },
);

testWith(
  { net: true },
  "testServer() tests the edge listener, too",
  async () => {
    await using both = serve(ECHO);
    const cases = selectCases({ cases: ["1.*", "2.*", "3.1"] });
    const results = await run(urlOf(both.address.edge), cases);
    assertEquals(notOk(results), []);
  },
);

testWith(
  { net: true },
  "testServer() fails a server that does not echo",
  async () => {
    await using both = serve({ frame() {} });
    const cases = selectCases({ cases: ["1.1.2"] });
    const [result] = await runOnce(urlOf(both.address.frame), cases);
    assertEquals(result!.behavior, "FAILED");
    assertEquals(result!.end.localCloseCode, 1001);
  },
);

testWith(
  { net: true },
  "testServer() names the fault of a handshake",
  async () => {
    await using both = serve(ECHO);
    const url = urlOf(both.address.frame).replace("/echo", "/other");
    const [result] = await runOnce(url, selectCases({ cases: ["1.1.1"] }));
    assertEquals([result!.behavior, result!.behaviorClose], [
      "FAILED",
      "FAILED",
    ]);
    assertStringIncludes(result!.result, "The opening handshake failed: ");
    assertStringIncludes(result!.result, "404");
  },
);

testWith(
  { net: true },
  "testServer() names a server that cannot be reached",
  async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const url = urlOf(listener.addr as Deno.NetAddr);
    listener.close();
    const [result] = await runOnce(url, selectCases({ cases: ["1.1.1"] }));
    assert(/refused/i.test(result!.result), result!.result);
  },
);
