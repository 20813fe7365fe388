import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { FileNames } from "../../../../lib/conformance/reports/file_names.ts";
import {
  caseReport,
  indexEntries,
} from "../../../../lib/conformance/reports/suite_report.ts";
import { echoing, play } from "../peer.ts";
import { resultOf } from "./results.ts";

/** The fields of the suite's file of a case, from a published report. */
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

Deno.test("indexEntries() has the suite's fields", () => {
  const names = new FileNames(["My Client/1.0"]);
  const result = resultOf("1.1.1", { agent: "My Client/1.0" });
  assertEquals(indexEntries([result], names), {
    "1.1.1": {
      behavior: "OK",
      behaviorClose: "OK",
      duration: 12,
      remoteCloseCode: 1000,
      reportfile: "my_client_1_0_case_1_1_1.json",
    },
  });
});

Deno.test("caseReport() has the suite's fields, and one more", () => {
  const report = caseReport(resultOf("1.1.1"));
  assertEquals(
    Object.keys(report).sort(),
    [...FIELDS, "wirelogOmitted"].sort(),
  );
  assertEquals(report.started, "2026-01-02T03:04:05.678Z");
  assertEquals(report.expected, { OK: [["message", "", false]] });
  assertEquals(report.expectedClose, {
    closeCode: [1000],
    closedByMe: true,
    requireClean: true,
  });
});

Deno.test("caseReport() writes the wire log in the suite's form", async () => {
  const { result } = await play("1.1.2", echoing());
  const { wirelog, received } = caseReport(result) as {
    wirelog: unknown[][];
    received: unknown[][];
  };
  const stars = `${"*".repeat(64)} ...`;
  assertEquals(received, [["message", stars, false]]);
  const first = (kind: string) => wirelog.find(([word]) => word === kind);
  assertEquals(
    first("TF"),
    ["TF", [125, stars], 1, true, 0, null, 125, null, false],
  );
  const [, payload, opcode, final, rsv, masked, mask] = first("RF")!;
  assertEquals([payload, opcode, final, rsv, masked], [
    [125, stars],
    1,
    true,
    0,
    true,
  ]);
  assertEquals((mask as string).length, 8);
  const [, bytes] = first("RO")! as [string, [number, string]];
  assertEquals([bytes[0], bytes[1].length], [131, 128 + 4]);
  const close = wirelog.filter(([word, , opcode]) =>
    word === "TF" && opcode === 8
  );
  assertEquals(close, [[
    "TF",
    [2, "0x03e8"],
    8,
    true,
    0,
    null,
    null,
    null,
    false,
  ]]);
});

Deno.test("caseReport() shows a payload that is not UTF-8 in digits", () => {
  const received = [
    { kind: "message", opcode: "binary", length: 2, head: "fffe" },
    { kind: "pong", length: 0, head: "" },
    { kind: "timeout", tag: "A" },
  ] as const;
  assertEquals(caseReport(resultOf("1.2.1", { received })).received, [
    ["message", "0xfffe", true],
    ["pong", ""],
    ["timeout", "A"],
  ]);
});

Deno.test("caseReport() masks the secrets of the request", () => {
  const httpRequest = "GET /runCase?case=1&token=abc HTTP/1.1\r\n" +
    "Authorization: Bearer abc\r\nCookie: id=abc\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n\r\n";
  const text = String(
    caseReport(resultOf("1.1.1", { httpRequest })).httpRequest,
  );
  assertFalse(text.includes("abc"), text);
  assertStringIncludes(text, "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==");
});

Deno.test("caseReport() has the traffic of compressed messages", () => {
  const traffic = {
    appLevel: 16_000,
    webSocketLevel: 4000,
    wireLevel: 6000,
    frames: 1000,
    messages: 1000,
  };
  const { trafficStats, reportCompressionRatio } = caseReport(
    resultOf("12.1.1", { traffic: { incoming: traffic, outgoing: traffic } }),
  ) as Record<string, Record<string, number>>;
  assertEquals(reportCompressionRatio, true as never);
  assertEquals(trafficStats!.incomingCompressionRatio, 0.25);
  assertEquals(trafficStats!.outgoingWebSocketOverhead, 0.5);
});
