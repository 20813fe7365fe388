/**
 * Results in the form of the suite's own JSON reports, which CI scripts read: an index,
 * and a file for each case.
 *
 * @module
 */

import type { ExpectedEvent, Program } from "../case/case.ts";
import type { LogEntry } from "../case/log_entry.ts";
import type { CaseResult, ReceivedEvent, Traffic } from "../case/result.ts";

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
  /** The file of the case. */
  readonly reportfile: string;
}

/** `index.json`: agents, ids of cases, entries. */
export type Index = Readonly<
  Record<string, Readonly<Record<string, IndexEntry>>>
>;

/** Bytes of a payload in a report. */
const SHOWN = 64;

/** The end of a payload that is cut. */
const CUT = " ...";

/**
 * Makes `index.json`.
 *
 * @param agents results by the name of the agent
 */
export function indexReport(
  agents: ReadonlyMap<string, readonly CaseResult[]>,
): Index {
  const index: Record<string, Record<string, IndexEntry>> = {};
  for (const [agent, results] of agents) {
    const entries: Record<string, IndexEntry> = {};
    for (const result of results) {
      entries[result.case.id] = {
        behavior: result.behavior,
        behaviorClose: result.behaviorClose,
        duration: result.duration,
        remoteCloseCode: result.end.remoteCloseCode,
        reportfile: reportFile(agent, result.case.id),
      };
    }
    index[agent] = entries;
  }
  return index;
}

/**
 * Name of the file of a case.
 *
 * @param agent name; only lower-case letters and digits stay
 * @param id of the case
 */
export function reportFile(agent: string, id: string): string {
  const name = agent.trim().toLowerCase().replace(/[^a-z0-9]/g, " ").trim()
    .replaceAll(" ", "_");
  return `${name}_case_${id.replaceAll(".", "_")}.json`;
}

/**
 * Makes the file of a case.
 *
 * @param result of the case
 */
export function caseReport(
  result: CaseResult,
): Readonly<Record<string, unknown>> {
  const { case: testCase, end, statistics } = result;
  const { closing, program } = testCase;
  return {
    agent: result.agent,
    behavior: result.behavior,
    behaviorClose: result.behaviorClose,
    case: testCase.number,
    closedByMe: end.closedByMe,
    createStats: true,
    createWirelog: true,
    description: testCase.description,
    droppedByMe: end.droppedByMe,
    duration: result.duration,
    expectation: testCase.expectation,
    expected: expectedOf(program),
    expectedClose: {
      closeCode: closing.codes,
      closedByMe: closing.by === "engine",
      ...(closing.wrongSideFails && { closedByWrongEndpointIsFatal: true }),
      requireClean: closing.clean,
    },
    failedByMe: end.failedByMe,
    httpRequest: result.httpRequest,
    httpResponse: result.httpResponse,
    id: testCase.id,
    isServer: result.role === "server",
    localCloseCode: end.localCloseCode,
    localCloseReason: end.localCloseReason,
    received: result.received.map(receivedEvent),
    remoteCloseCode: end.remoteCloseCode,
    remoteCloseReason: end.remoteCloseReason,
    reportCompressionRatio: isCompressed(program),
    reportTime: program.kind !== "exchange",
    result: result.result,
    resultClose: result.resultClose,
    rxFrameStats: statistics.rxFrameStats,
    rxOctetStats: statistics.rxOctetStats,
    started: new Date(result.started).toISOString(),
    trafficStats: trafficStats(result),
    txFrameStats: statistics.txFrameStats,
    txOctetStats: statistics.txOctetStats,
    wasClean: end.wasClean,
    wasCloseHandshakeTimeout: end.wasCloseHandshakeTimeout,
    wasNotCleanReason: end.wasNotCleanReason,
    wasOpenHandshakeTimeout: end.wasOpenHandshakeTimeout,
    wasServerConnectionDropTimeout: end.wasServerConnectionDropTimeout,
    wirelog: result.wireLog.map(logEntry).filter((row) => row !== undefined),
  };
}

function isCompressed(program: Program): boolean {
  return program.kind === "round trips" && program.deflate !== undefined;
}

function expectedOf(program: Program): Readonly<Record<string, unknown>> {
  if (program.kind !== "exchange") return {};
  const { ok, nonStrict } = program;
  return {
    ...(nonStrict && { "NON-STRICT": nonStrict.map(expectedEvent) }),
    OK: ok.map(expectedEvent),
  };
}

function expectedEvent(event: ExpectedEvent): unknown[] {
  if (event.kind === "timeout") return ["timeout", event.tag];
  const text = textOf(event.payload.length, event.payload.subarray(0, SHOWN));
  return event.kind === "pong"
    ? ["pong", text]
    : ["message", text, event.opcode === "binary"];
}

function receivedEvent(event: ReceivedEvent): unknown[] {
  if (event.kind === "timeout") return ["timeout", event.tag];
  const text = textOf(event.length, Uint8Array.fromHex(event.head));
  return event.kind === "pong"
    ? ["pong", text]
    : ["message", text, event.opcode === "binary"];
}

/** A row of `wirelog`; the end of TCP is in `droppedByMe`. */
function logEntry(entry: LogEntry): unknown[] | undefined {
  switch (entry.kind) {
    case "octets": {
      const payload = [entry.length, hexOf(entry.length, entry.head)];
      return entry.sent
        ? ["TO", payload, entry.alone ?? false]
        : ["RO", payload];
    }
    case "frame": {
      const { opcode, final, rsv, mask = null, length } = entry;
      const text = textOf(length, Uint8Array.fromHex(entry.head));
      const frame = [[length, text], opcode, final, rsv];
      return entry.sent
        ? ["TF", ...frame, mask, null, entry.chop ?? null, entry.alone ?? false]
        : ["RF", ...frame, mask !== null, mask];
    }
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
      return undefined;
  }
}

/** A payload as text, or in hexadecimal digits if its beginning is not UTF-8. */
function textOf(length: number, head: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(head);
    return isCut(length) ? text + CUT : text;
  } catch {
    return `0x${hexOf(length, head.toHex())}`;
  }
}

function hexOf(length: number, head: string): string {
  return isCut(length) ? head + CUT : head;
}

function isCut(length: number): boolean {
  return length > SHOWN - CUT.length;
}

function trafficStats(
  { traffic, httpRequest, httpResponse, role }: CaseResult,
): Readonly<Record<string, number | null>> | null {
  if (traffic === undefined) return null;
  const [incoming, outgoing] = role === "server"
    ? [httpRequest, httpResponse]
    : [httpResponse, httpRequest];
  return {
    ...trafficOf("incoming", traffic.incoming),
    ...trafficOf("outgoing", traffic.outgoing),
    preopenIncomingOctetsWireLevel: incoming.length,
    preopenOutgoingOctetsWireLevel: outgoing.length,
  };
}

function trafficOf(
  name: string,
  traffic: Traffic,
): Record<string, number | null> {
  const { appLevel, webSocketLevel, wireLevel, frames, messages } = traffic;
  return {
    [`${name}CompressionRatio`]: ratio(webSocketLevel, appLevel),
    [`${name}OctetsAppLevel`]: appLevel,
    [`${name}OctetsWebSocketLevel`]: webSocketLevel,
    [`${name}OctetsWireLevel`]: wireLevel,
    [`${name}WebSocketFrames`]: frames,
    [`${name}WebSocketMessages`]: messages,
    [`${name}WebSocketOverhead`]: ratio(
      wireLevel - webSocketLevel,
      webSocketLevel,
    ),
  };
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}
