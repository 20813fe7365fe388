/**
 * A journal as JSON: one object, or one line per entry (NDJSON).
 *
 * @module
 */

import { decodeClose } from "../../../lib/protocol/close_code.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";
import type { Journal } from "../record/journal.ts";
import type { ConnectionRecord } from "../record/connection_record.ts";
import { type Entry, type FrameEntry, isFrame } from "../record/entry.ts";
import type { Head } from "../record/head.ts";
import { closeOf, closeStartedBy, codeOf } from "../verdict/facts.ts";
import { judge, type Verdict } from "../verdict/verdict.ts";
import { entriesNow } from "./entries_now.ts";
import { jsonText, LongList } from "./json_text.ts";

/** A value of JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/** The wait of a request, and its outcome. */
export interface Waited {
  /** The parameter `wait`. */
  readonly for: string;
  /** False: the time was over before. */
  readonly met: boolean;
}

/**
 * The journal as JSON text in pieces.
 *
 * @param journal with its connections
 * @param waited the wait of the request, if there was one
 */
export function journalJson(
  { name, connections, removed }: Journal,
  waited?: Waited,
): Generator<string> {
  const all = [...connections];
  return jsonText({
    journal: name,
    ...(waited && { wait: { for: waited.for, met: waited.met } }),
    removed,
    connections: new LongList(
      all.values().map((record) => connectionJson(record, all)),
    ),
  });
}

function connectionJson(
  record: ConnectionRecord,
  all: readonly ConnectionRecord[],
): object {
  return {
    ...summary(record),
    request: headJson(record.request),
    response: headJson(record.response),
    entries: new LongList(entriesNow(record).map(entryJson)),
    omitted: record.omitted,
    end: endJson(record),
    verdict: verdictJson(judge(record, all)),
  };
}

/**
 * The journal as lines of JSON: of each connection its entries, then its verdict.
 *
 * @param journal with its connections
 */
export function* journalLines({ connections }: Journal): Generator<string> {
  const all = [...connections];
  for (const record of all) {
    const connection = record.id;
    yield lineText({ connection, type: "connection", ...summary(record) });
    for (const entry of entriesNow(record)) {
      yield lineText({ connection, ...entryJson(entry) });
    }
    yield lineText({
      connection,
      type: "verdict",
      end: endJson(record),
      ...verdictJson(judge(record, all)),
    });
  }
}

function lineText(line: object): string {
  return `${JSON.stringify(line)}\n`;
}

function summary(record: ConnectionRecord) {
  const { id, listener, shows, remoteAddress, state } = record;
  return {
    id,
    listener,
    shows,
    remoteAddress,
    state,
    startedAt: new Date(record.startedAt).toISOString(),
    milliseconds: Math.round(record.duration),
  };
}

function headJson(head: Head | undefined): Json {
  if (head === undefined) return null;
  const { line, fields, isRaw } = head;
  return { line, fields, raw: isRaw };
}

/**
 * An entry as an object for JSON.
 *
 * @param entry of any kind
 */
export function entryJson(entry: Entry): { readonly [name: string]: Json } {
  const { n, time, from, kind } = entry;
  const common = { n, time, from, type: kind };
  if (isFrame(entry)) return { ...common, ...frameJson(entry) };
  switch (entry.kind) {
    case "bytes":
      return {
        ...common,
        length: entry.length,
        ...payloadJson(entry.head, entry.length),
      };
    case "request":
    case "response":
      return { ...common, line: entry.line };
    case "end":
      return { ...common, how: entry.how };
    case "fault": {
      const { reaction, section, codes = [], within = null } =
        entry.expectation;
      return { ...common, name: entry.name, reaction, section, codes, within };
    }
    case "fin":
      return common;
  }
}

function frameJson(frame: FrameEntry): { readonly [name: string]: Json } {
  const { opcode, final, length, seen, completedAt, wire } = frame;
  const isComplete = completedAt !== undefined;
  return {
    opcode: opcodeName(opcode),
    fin: final,
    ...(wire && {
      rsv: wire.rsv,
      masked: wire.mask !== undefined,
      mask: wire.mask === undefined ? null : hexKey(wire.mask),
      lengthBits: wire.lengthBits,
    }),
    length,
    ...payloadJson(frame.head.subarray(0, seen), length),
    complete: isComplete,
    ...(isComplete ? { completedAt } : { seen }),
    ...(opcode === OPCODE_NUMBER.close && isComplete && closeJson(frame)),
  };
}

/** Name of an opcode; the number of a reserved one. */
export function opcodeName(opcode: number): string | number {
  return OPCODE_NAMES.get(opcode) ?? opcode;
}

const OPCODE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(OPCODE_NUMBER).map(([name, number]) => [number, name]),
);

/** A masking key as eight hexadecimal digits. */
export function hexKey(key: number): string {
  return key.toString(16).padStart(8, "0");
}

function closeJson(frame: FrameEntry): { readonly [name: string]: Json } {
  const code = codeOf(frame) ?? null;
  return { code, reason: reasonOf(frame) };
}

/** The reason of a CLOSE; `""` if it has none, or none that is valid. */
export function reasonOf({ head }: FrameEntry): string {
  try {
    return decodeClose(head).reason;
  } catch {
    return "";
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The first bytes of a payload: as `text` if they are UTF-8, otherwise as `hex`. */
function payloadJson(
  head: Uint8Array,
  length: number,
): { readonly [name: string]: Json } {
  return {
    ...textOrHex(head, head.length < length),
    cut: head.length < length,
  };
}

/**
 * Shows bytes.
 *
 * @param bytes to be shown
 * @param isCut whether more bytes follow, so that the last code point may be incomplete
 */
export function textOrHex(
  bytes: Uint8Array,
  isCut: boolean,
): { readonly text: string } | { readonly hex: string } {
  for (let end = bytes.length; end >= 0; end--) {
    try {
      return { text: decoder.decode(bytes.subarray(0, end)) };
    } catch {
      if (!isCut || bytes.length - end === 3) break;
    }
  }
  return { hex: bytes.toHex() };
}

/** How the connection ended; `null` while it is open. */
function endJson(record: ConnectionRecord): Json {
  const end = record.entries.findLast(({ kind }) => kind === "end");
  if (!record.isEnded) return null;
  const client = closeOf(record, "client");
  const server = closeOf(record, "server");
  return {
    time: record.duration,
    how: end?.kind === "end" ? end.how : null,
    closeStartedBy: closeStartedBy(record) ?? null,
    clientCode: client === undefined ? null : codeOf(client) ?? 1005,
    serverCode: server === undefined ? null : codeOf(server) ?? 1005,
  };
}

function verdictJson(
  { counts, rules }: Verdict,
): { readonly [name: string]: Json } {
  return {
    passed: counts.passed,
    failed: counts.failed,
    notTested: counts["not tested"],
    rules: rules.map(({ rule, status, evidence, detail = null }) => ({
      id: rule.id,
      section: rule.section,
      level: rule.level,
      rule: rule.text,
      status,
      evidence,
      detail,
    })),
  };
}
