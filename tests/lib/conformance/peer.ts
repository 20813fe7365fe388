/**
 * A peer without a network: it gets the engine's frames, and answers as a test says.
 *
 * @module
 */

import type { Duplex } from "../../../lib/conformance/engine/duplex.ts";
import { FrameDecoder } from "../../../lib/conformance/engine/frame_decoder.ts";
import type { CaseResult, Role } from "../../../lib/conformance/case/result.ts";
import { caseById } from "../../../lib/conformance/cases.ts";
import { type Run, runCase } from "../../../lib/conformance/run.ts";
import { concat } from "../../../lib/client/concat.ts";
import {
  closePayload,
  encodeFrame,
  type FrameOptions,
} from "../../../lib/client/frame.ts";
import type { DeflateAgreement } from "../../../lib/frame/codec/deflate_offer.ts";

/** A frame of the engine. */
export interface EngineFrame {
  /** 0 to 15. */
  readonly opcode: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** 0 to 7. */
  readonly rsv: number;
  /** The payload. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Answers a frame of the engine. */
export type Answer = (frame: EngineFrame, peer: Peer) => void;

/** The peer. */
export class Peer implements Duplex {
  /** The engine's frames so far. */
  readonly frames: EngineFrame[] = [];
  /** The bytes of each write of the engine. */
  readonly writes: Uint8Array[] = [];
  /** Whether the engine has closed the connection. */
  isClosed = false;

  readonly #masked: boolean;
  readonly #answer: Answer;
  readonly #decoder: FrameDecoder;
  #payload: Uint8Array<ArrayBuffer>[] = [];
  #input: Uint8Array<ArrayBuffer>[] = [];
  #ended: "end" | "reset" | undefined;
  #wake = Promise.withResolvers<void>();

  /**
   * Makes a peer.
   *
   * @param engine the engine's role
   * @param answer called for every frame of the engine
   */
  constructor(engine: Role, answer: Answer) {
    this.#masked = engine === "server";
    this.#decoder = new FrameDecoder(
      engine === "server" ? "client" : "server",
      true,
    );
    this.#answer = answer;
  }

  /** Sends a frame; as a client with a mask, unless `mask` is `"none"`. */
  send(
    opcode: Parameters<typeof encodeFrame>[0],
    payload?: Uint8Array | string,
    options: FrameOptions = {},
  ): void {
    const mask = this.#masked ? {} : { mask: "none" as const };
    this.raw(encodeFrame(opcode, payload ?? "", { ...mask, ...options }));
  }

  /** Sends CLOSE. */
  sendClose(code?: number, reason?: Uint8Array | string): void {
    this.send("close", closePayload(code, reason));
  }

  /** Sends bytes. */
  raw(bytes: Uint8Array<ArrayBuffer>): void {
    this.#input.push(bytes);
    this.#wake.resolve();
  }

  /** Ends the output, or resets the connection. */
  end(how: "end" | "reset" = "end"): void {
    this.#ended = how;
    this.#wake.resolve();
  }

  // The engine calls the following methods.

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (;;) {
      if (this.isClosed) throw new Error("closed");
      const bytes = this.#input.shift();
      if (bytes !== undefined) return bytes;
      if (this.#ended === "end") return undefined;
      if (this.#ended === "reset") throw new Error("reset");
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
  }

  // deno-lint-ignore require-await
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.isClosed) throw new Error("closed");
    this.writes.push(bytes.slice());
    this.#decoder.push(bytes.slice());
    for (;;) {
      const decoded = this.#decoder.next();
      if (decoded === undefined) return;
      if (decoded.kind === "violation") continue;
      const { header: { opcode, final, rsv }, isLast } = decoded;
      this.#payload.push(decoded.bytes.slice());
      if (!isLast) continue;
      const payload = concat(this.#payload);
      this.#payload = [];
      const frame = { opcode, final, rsv, payload };
      this.frames.push(frame);
      this.#answer(frame, this);
    }
  }

  close(): void {
    this.isClosed = true;
    this.#wake.resolve();
  }
}

/**
 * Answers as a correct client does: echoes messages, answers PING and CLOSE, and fails
 * nothing. Use it for cases without violations.
 */
export function echoing(): Answer {
  let message: Uint8Array<ArrayBuffer>[] = [];
  let opcode = 0;
  return (frame, peer) => {
    if (frame.opcode === 9) return peer.send("pong", frame.payload);
    if (frame.opcode === 8) return peer.send("close", frame.payload);
    if (frame.opcode > 2) return;
    if (frame.opcode !== 0) opcode = frame.opcode;
    message.push(frame.payload);
    if (!frame.final) return;
    peer.send(opcode, concat(message));
    message = [];
  };
}

/** Options of {@linkcode play}. */
export interface PlayOptions {
  /** The engine's role; by default a server. */
  readonly role?: Role;
  /** The negotiated compression. */
  readonly deflate?: DeflateAgreement;
  /** Further members of the run. */
  readonly run?: Partial<Run>;
}

/**
 * Plays a case with a peer.
 *
 * @param id of the case
 * @param answer of the peer
 * @param options role and compression
 * @returns the result, and the peer with what it has seen
 */
export async function play(
  id: string,
  answer: Answer,
  options: PlayOptions = {},
): Promise<{ readonly result: CaseResult; readonly peer: Peer }> {
  const { role = "server", deflate } = options;
  const peer = new Peer(role, answer);
  const result = await runCase({
    case: caseById(id)!,
    agent: "peer",
    role,
    duplex: peer,
    deflate,
    httpRequest: "",
    httpResponse: "",
    ...options.run,
  });
  return { result: result!, peer };
}

/** Both verdicts of a result. */
export function verdictOf(
  { behavior, behaviorClose }: CaseResult,
): readonly [string, string] {
  return [behavior, behaviorClose];
}
