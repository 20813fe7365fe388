/**
 * Runs a case on an open connection.
 *
 * @module
 */

import type { DeflateAgreement } from "../frame/codec/deflate_offer.ts";
import { CLOSE_CODE } from "../protocol/close_code.ts";
import { isSliceOver, nextSlice } from "../scheduling/scheduler.ts";
import type { WireClosing } from "../wire.ts";
import type { Case, Program } from "./case/case.ts";
import type { CaseResult, Role } from "./case/result.ts";
import { judge } from "./verdict.ts";
import { Compression } from "./engine/compression.ts";
import type { Duplex } from "./engine/duplex.ts";
import { Endpoint } from "./engine/endpoint.ts";
import { Inbound } from "./engine/inbound.ts";
import { caseBegins, caseEnds } from "./engine/load.ts";
import { Output } from "./engine/output.ts";
import { RunningExchange } from "./programs/exchange.ts";
import { RunningLargeMessage } from "./programs/large_message.ts";
import { RunningRoundTrips } from "./programs/round_trips.ts";
import type { RunningProgram } from "./programs/running_program.ts";
import { WireLog } from "./engine/wire_log.ts";

/** A run. */
export interface Run {
  /** The case. */
  readonly case: Case;
  /** Name of the peer. */
  readonly agent: string;
  /** The engine's role. */
  readonly role: Role;
  /** The connection. */
  readonly duplex: Duplex;
  /** The negotiated compression; `undefined`: none. */
  readonly deflate: DeflateAgreement | undefined;
  /** The request head. */
  readonly httpRequest: string;
  /** The response head. */
  readonly httpResponse: string;
  /** Bytes to write before the first frame: a server's response. */
  readonly head?: Uint8Array<ArrayBuffer>;
  /** Bytes that arrived after the head of the peer. */
  readonly received?: Uint8Array<ArrayBuffer>;
  /**
   * Ends the run; the reason is a {@linkcode WireClosing}. There is no result if the
   * service ends: 1001 and 1013.
   */
  readonly closing?: AbortSignal;
  /** Counts a frame of a message. */
  readonly count?: (
    direction: "received" | "sent",
    bytes: number,
    endsMessage: boolean,
  ) => void;
  /** Charges memory. */
  readonly charge?: (bytes: number) => void;
}

/** Bytes that a run holds, without zlib: chunks, the message in comparison, and the log. */
const RUN_MEMORY = 256 * 1024;

/**
 * Frames that wait to be written, such as PONGs, until nothing more is read. A peer that
 * sends PINGs and reads nothing stops itself.
 */
const MAX_PENDING = 1000;

/** Close codes with which the service ends runs: no fault of the peer. */
const SERVICE_CODES: ReadonlySet<number> = new Set([
  CLOSE_CODE.goingAway,
  CLOSE_CODE.tryAgainLater,
]);

/**
 * Runs a case to the end of the connection.
 *
 * @param run the case and the connection, after the opening handshake
 * @returns the result; `undefined` if the service ended the run
 */
export async function runCase(run: Run): Promise<CaseResult | undefined> {
  const { role, duplex, deflate, closing, count, charge } = run;
  const started = Date.now();
  const log = new WireLog();
  const output = new Output(duplex, log);
  const endpoint = new Endpoint(role, output, log, () => duplex.close());
  endpoint.onSent = (bytes, ends) => count?.("sent", bytes, ends);
  const compression = deflate && new Compression(deflate, role);
  const memory = RUN_MEMORY + (compression?.memory ?? 0);
  const program = programOf(run.case, endpoint, compression, log);
  const inbound = new Inbound(
    endpoint,
    compression,
    program,
    log,
    (bytes, ends) => count?.("received", bytes, ends),
  );
  let interrupted = false;
  const interrupt = () => {
    const { code, reason } = closing!.reason as WireClosing;
    if (code === CLOSE_CODE.abnormal) return endpoint.lost();
    interrupted = SERVICE_CODES.has(code);
    endpoint.fail(code, reason);
  };
  charge?.(memory);
  caseBegins();
  closing?.addEventListener("abort", interrupt);
  try {
    if (run.head !== undefined) output.push({ chunks: [run.head] });
    output.onIdle = () => program.idle?.();
    if (closing?.aborted) interrupt();
    else program.start();
    await read(duplex, endpoint, inbound, output, run.received);
    endpoint.lost();
    await endpoint.closed;
    // The write that is under way ends with the connection.
    await output.flushed();
  } finally {
    endpoint.lost();
    caseEnds();
    closing?.removeEventListener("abort", interrupt);
    compression?.free();
    charge?.(-memory);
  }
  if (interrupted) return undefined;
  return resultOf(run, { started, log, endpoint, program, inbound, output });
}

function programOf(
  { program, closing }: Case,
  endpoint: Endpoint,
  compression: Compression | undefined,
  log: WireLog,
): RunningProgram {
  switch (program.kind) {
    case "exchange":
      return new RunningExchange(program, closing, endpoint, log);
    case "large message":
      return new RunningLargeMessage(program, endpoint, log);
    case "round trips":
      return new RunningRoundTrips(program, compression, endpoint, log);
  }
}

/** Reads until the end of the connection, and yields to other work. */
async function read(
  duplex: Duplex,
  endpoint: Endpoint,
  inbound: Inbound,
  output: Output,
  received: Uint8Array<ArrayBuffer> | undefined,
): Promise<void> {
  let bytes = received;
  if (bytes === undefined || bytes.length === 0) bytes = await readOnce(duplex);
  while (bytes !== undefined && endpoint.state !== "closed") {
    await inbound.receive(bytes);
    if (isSliceOver()) await nextSlice();
    if (output.pending > MAX_PENDING) await output.flushed();
    bytes = await readOnce(duplex);
  }
}

/** Reads; `undefined` at the end, by the peer or by the engine. */
async function readOnce(
  duplex: Duplex,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await duplex.read();
  } catch {
    return undefined;
  }
}

function resultOf(
  run: Run,
  parts: {
    readonly started: number;
    readonly log: WireLog;
    readonly endpoint: Endpoint;
    readonly program: RunningProgram;
    readonly inbound: Inbound;
    readonly output: Output;
  },
): CaseResult {
  const { started, log, endpoint, program, inbound, output } = parts;
  const { end } = endpoint;
  const isDone = program instanceof RunningRoundTrips && program.isDone &&
    hasDeflate(run.case.program);
  return {
    case: run.case,
    agent: run.agent,
    role: run.role,
    started,
    duration: Math.round(log.now),
    ...judge(run.case, run.role, end, program.verdict()),
    received: program.received,
    end,
    httpRequest: run.httpRequest,
    httpResponse: run.httpResponse,
    wireLog: log.entries,
    omitted: log.omitted,
    statistics: log.statistics,
    ...(isDone && {
      traffic: {
        incoming: inbound.traffic,
        outgoing: {
          ...program.traffic,
          wireLevel: output.written - (run.head?.length ?? 0),
        },
      },
    }),
  };
}

function hasDeflate(program: Program): boolean {
  return program.kind === "round trips" && program.deflate !== undefined;
}
