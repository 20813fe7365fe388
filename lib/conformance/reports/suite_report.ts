/**
 * The JSON reports in the suite's form: `index.json`, and one file for each case and
 * agent. Scripts of CI systems read them.
 *
 * @module
 */

import { OPCODE_NUMBER } from "../../websocket.ts";
import type { ExpectedEvent } from "../case/case.ts";
import type { LogEntry } from "../case/log_entry.ts";
import type { CaseResult, ReceivedEvent, Traffic } from "../case/result.ts";
import type { FileNames } from "./file_names.ts";
import { maskedHead } from "./masked_head.ts";

/** An entry of `index.json`. */
export interface IndexEntry {
  /** The verdict on the frames. */
  readonly behavior: string;
  /** The verdict on the end. */
  readonly behaviorClose: string;
  /** Milliseconds. */
  readonly duration: number;
  /** The code of the peer's CLOSE. */
  readonly remoteCloseCode: number | null;
  /** Name of the case's file. */
  readonly reportfile: string;
}

/**
 * Makes the entries of an agent in `index.json`, by the ids of the cases.
 *
 * @param results of one agent
 * @param names of the files
 */
export function indexEntries(
  results: readonly CaseResult[],
  names: FileNames,
): Record<string, IndexEntry> {
  return Object.fromEntries(
    results.map(({ case: { id }, agent, ...result }) => [id, {
      behavior: result.behavior,
      behaviorClose: result.behaviorClose,
      duration: result.duration,
      remoteCloseCode: result.end.remoteCloseCode,
      reportfile: names.of(agent, id, "json"),
    }]),
  );
}

/** Bytes of a payload that are shown. */
const SHOWN = 64;

const CUT = " ...";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Makes the content of a case's file. Secrets of the request are masked.
 *
 * @param result of the case
 */
export function caseReport(result: CaseResult): Record<string, unknown> {
  const { case: testCase, end, statistics, traffic } = result;
  const { program, closing } = testCase;
  const heads = [result.httpRequest, result.httpResponse] as const;
  const [incoming, outgoing] = result.role === "server"
    ? heads
    : heads.toReversed() as [string, string];
  const isTimed = program.kind !== "exchange";
  return {
    agent: result.agent,
    behavior: result.behavior,
    behaviorClose: result.behaviorClose,
    case: testCase.number,
    createStats: true,
    createWirelog: true,
    description: testCase.description,
    duration: result.duration,
    expectation: testCase.expectation,
    expected: program.kind !== "exchange" ? {} : {
      "OK": program.ok.map(expectedEvent),
      ...(program.nonStrict && {
        "NON-STRICT": program.nonStrict.map(expectedEvent),
      }),
    },
    expectedClose: {
      closeCode: closing.codes,
      closedByMe: closing.by === "engine",
      ...(closing.wrongSideFails && { closedByWrongEndpointIsFatal: true }),
      requireClean: closing.clean,
    },
    httpRequest: maskedHead(result.httpRequest),
    httpResponse: result.httpResponse,
    id: testCase.id,
    isServer: result.role === "server",
    received: result.received.map(receivedEvent),
    reportCompressionRatio: traffic !== undefined,
    reportTime: isTimed,
    result: result.result,
    resultClose: result.resultClose,
    started: new Date(result.started).toISOString(),
    trafficStats: traffic === undefined ? null : {
      ...directionOf("incoming", traffic.incoming),
      ...directionOf("outgoing", traffic.outgoing),
      preopenIncomingOctetsWireLevel: incoming.length,
      preopenOutgoingOctetsWireLevel: outgoing.length,
    },
    ...end,
    ...statistics,
    wirelog: result.wireLog.map(wireEntry),
    wirelogOmitted: result.omitted,
  };
}

function expectedEvent(event: ExpectedEvent): unknown[] {
  switch (event.kind) {
    case "message":
      return [
        "message",
        textOf(event.payload, event.payload.length),
        event.opcode === "binary",
      ];
    case "pong":
      return ["pong", textOf(event.payload, event.payload.length)];
    case "timeout":
      return ["timeout", event.tag];
  }
}

function receivedEvent(event: ReceivedEvent): unknown[] {
  if (event.kind === "timeout") return ["timeout", event.tag];
  const payload = textOf(Uint8Array.fromHex(event.head), event.length);
  return event.kind === "pong"
    ? ["pong", payload]
    : ["message", payload, event.opcode === "binary"];
}

/** A payload as a text, or in hexadecimal digits; cut. */
function textOf(head: Uint8Array, length: number): string {
  const shown = head.subarray(0, SHOWN);
  const cut = length > shown.length ? CUT : "";
  try {
    return decoder.decode(shown) + cut;
  } catch {
    return `0x${shown.toHex()}${cut}`;
  }
}

/** The entries of the suite's logs are arrays that begin with a word. */
function wireEntry(entry: LogEntry): unknown[] {
  switch (entry.kind) {
    case "octets": {
      const cut = entry.head.length < 2 * entry.length ? CUT : "";
      const bytes = [entry.length, entry.head + cut];
      return entry.sent ? ["TO", bytes, entry.alone ?? false] : ["RO", bytes];
    }
    case "frame":
      return frameEntry(entry);
    case "wait":
      return ["CT", entry.seconds, entry.tag ?? null];
    case "wait over":
      return ["CTE", entry.tag ?? null];
    case "limit":
      return [entry.action === "fail" ? "KL" : "TI", entry.seconds];
    case "limit over":
      return [entry.action === "fail" ? "KLE" : "TIE"];
    case "logging":
      return ["WLM", entry.enabled];
    case "end":
      // The suite logs no end of TCP.
      return ["END", entry.by];
  }
}

function frameEntry(entry: LogEntry & { readonly kind: "frame" }): unknown[] {
  const { head, length, opcode, final, rsv, mask = null } = entry;
  const bytes = Uint8Array.fromHex(head);
  const isClose = opcode === OPCODE_NUMBER.close && length > 0;
  const payload = [
    length,
    isClose ? `0x${head}` : textOf(bytes, length),
  ];
  const common = [payload, opcode, final, rsv];
  if (!entry.sent) return ["RF", ...common, mask !== null, mask];
  const repeated = length > bytes.length ? length : null;
  return [
    "TF",
    ...common,
    mask,
    repeated,
    entry.chop ?? null,
    entry.alone ?? false,
  ];
}

function directionOf(
  direction: "incoming" | "outgoing",
  traffic: Traffic,
): Record<string, number | null> {
  const { appLevel, webSocketLevel, wireLevel, frames, messages } = traffic;
  const ratio = (part: number, whole: number) =>
    whole === 0 ? null : part / whole;
  return {
    [`${direction}CompressionRatio`]: ratio(webSocketLevel, appLevel),
    [`${direction}OctetsAppLevel`]: appLevel,
    [`${direction}OctetsWebSocketLevel`]: webSocketLevel,
    [`${direction}OctetsWireLevel`]: wireLevel,
    [`${direction}WebSocketFrames`]: frames,
    [`${direction}WebSocketMessages`]: messages,
    [`${direction}WebSocketOverhead`]: ratio(
      wireLevel - webSocketLevel,
      webSocketLevel,
    ),
  };
}
