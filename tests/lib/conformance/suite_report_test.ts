import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  caseReport,
  indexReport,
  reportFile,
} from "../../../lib/conformance/reports/suite_report.ts";
import { echoing, play } from "./peer.ts";

/** The fields of the suite's file of a case. */
const FIELDS = [
  ...["agent", "behavior", "behaviorClose", "case", "closedByMe"],
  ...["createStats", "createWirelog", "description", "droppedByMe"],
  ...["duration", "expectation", "expected", "expectedClose", "failedByMe"],
  ...["httpRequest", "httpResponse", "id", "isServer", "localCloseCode"],
  ...["localCloseReason", "received", "remoteCloseCode", "remoteCloseReason"],
  ...["reportCompressionRatio", "reportTime", "result", "resultClose"],
  ...["rxFrameStats", "rxOctetStats", "started", "trafficStats"],
  ...["txFrameStats", "txOctetStats", "wasClean", "wasCloseHandshakeTimeout"],
  ...["wasNotCleanReason", "wasOpenHandshakeTimeout"],
  ...["wasServerConnectionDropTimeout", "wirelog"],
];

Deno.test("caseReport() has the suite's fields", async () => {
  const { result } = await play("5.6", echoing());
  const report = caseReport(result);
  assertEquals(Object.keys(report), FIELDS);
  assertMatch(`${report.started}`, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assertEquals(report.case, 50);
  assertEquals(report.expected, {
    OK: [
      ["pong", "ping payload"],
      ["message", "fragment1fragment2", false],
    ],
  });
  assertEquals(report.received, [
    ["pong", "ping payload"],
    ["message", "fragment1fragment2", false],
  ]);
  assertEquals(report.expectedClose, {
    closeCode: [1000],
    closedByMe: true,
    requireClean: true,
  });
});

Deno.test("caseReport() has the suite's rows of the wire log", async () => {
  const { result } = await play("2.6", echoing());
  const rows = caseReport(result).wirelog as unknown[][];
  const payload = `0x${"fe".repeat(64)} ...`;
  assertEquals(rows[0], [
    ...["TF", [125, payload], 9, true, 0],
    ...[null, null, 1, false],
  ]);
  assertEquals(rows[1], ["TI", 2]);
  assertEquals(rows[2], ["TO", [1, "89"], true]);
  const received = rows.find(([kind]) => kind === "RF")!;
  assertEquals(received.slice(0, 6), [
    ...["RF", [125, payload], 10, true, 0],
    true,
  ]);
  assertMatch(`${received[6]}`, /^[0-9a-f]{8}$/);
});

Deno.test("caseReport() names both patterns, and the wrong endpoint", async () => {
  const { result } = await play("6.4.1", (_frame, peer) => peer.end());
  const report = caseReport(result);
  assertEquals(report.expected, {
    "NON-STRICT": [["timeout", "A"], ["timeout", "B"]],
    OK: [["timeout", "A"]],
  });
  assertEquals(report.expectedClose, {
    closeCode: [1007],
    closedByMe: false,
    closedByWrongEndpointIsFatal: true,
    requireClean: false,
  });
  assertEquals(report.remoteCloseCode, null);
});

Deno.test("indexReport() has an entry for each agent and case", async () => {
  const { result } = await play("1.1.1", echoing());
  const index = indexReport(new Map([["A", [result]], ["B", []]]));
  assert(Number.isInteger(index.A!["1.1.1"]!.duration));
  assertEquals(index, {
    A: {
      "1.1.1": {
        behavior: "OK",
        behaviorClose: "OK",
        duration: result.duration,
        remoteCloseCode: 1000,
        reportfile: "a_case_1_1_1.json",
      },
    },
    B: {},
  });
});

for (
  const [agent, file] of [
    ["Tungstenite", "tungstenite_case_12_1_1.json"],
    ["Node.js/v20 ", "node_js_v20_case_12_1_1.json"],
  ] as const
) {
  Deno.test(`reportFile() of ${agent} is ${file}`, () => {
    assertEquals(reportFile(agent, "12.1.1"), file);
  });
}
