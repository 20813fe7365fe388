/**
 * Runs an exchange: sends its steps, and compares the events with the patterns.
 *
 * @module
 */

import { OPCODE_NUMBER } from "../../websocket.ts";
import type {
  ClosingRule,
  Exchange,
  ExpectedEvent,
  Step,
} from "../case/case.ts";
import type { ReceivedEvent } from "../case/result.ts";
import type { Endpoint } from "../engine/endpoint.ts";
import { OpenFrame } from "./open_frame.ts";
import type { ProgramVerdict, RunningProgram } from "./running_program.ts";
import { headOf, type WireLog } from "../engine/wire_log.ts";

/** Bytes of a message that are compared; no expected message is longer. */
const MAX_KEPT = 65_536;

/** Events that are reported; no case expects more. */
const MAX_EVENTS = 64;

const NO_BYTES = new Uint8Array(0);

/** An exchange while it runs. */
export class RunningExchange implements RunningProgram {
  /** The first events. */
  readonly received: ReceivedEvent[] = [];

  readonly #exchange: Exchange;
  readonly #closing: ClosingRule;
  readonly #endpoint: Endpoint;
  readonly #log: WireLog;
  /** The patterns that the events so far are the beginning of. */
  readonly #matching: {
    readonly behavior: "OK" | "NON-STRICT";
    readonly events: readonly ExpectedEvent[];
  }[];
  /** The number of events. */
  #events = 0;
  /** The first bytes of the current message. */
  #kept = NO_BYTES;
  #keptLength = 0;
  #frame: OpenFrame | undefined;
  /** Ends the current wait, if a PONG ends it. */
  #pongAwaited: (() => void) | undefined;

  /**
   * Prepares an exchange.
   *
   * @param exchange to run
   * @param closing the rules for the end
   * @param endpoint the engine's end
   * @param log gets the frames that are sent in parts
   */
  constructor(
    exchange: Exchange,
    closing: ClosingRule,
    endpoint: Endpoint,
    log: WireLog,
  ) {
    this.#exchange = exchange;
    this.#closing = closing;
    this.#endpoint = endpoint;
    this.#log = log;
    const { ok, nonStrict } = exchange;
    this.#matching = [{ behavior: "OK", events: ok }];
    if (nonStrict !== undefined) {
      this.#matching.push({ behavior: "NON-STRICT", events: nonStrict });
    }
  }

  /** Sends the steps up to the first wait. */
  start(): void {
    this.#run(0);
  }

  /** Keeps a part of a message. */
  part(bytes: Uint8Array, offset: number): void {
    if (offset === 0) this.#keptLength = 0;
    const room = Math.min(bytes.length, MAX_KEPT - this.#keptLength);
    if (room <= 0) return;
    const needed = this.#keptLength + room;
    if (this.#kept.length < needed) {
      const larger = new Uint8Array(
        Math.min(MAX_KEPT, Math.max(needed, 2 * this.#kept.length)),
      );
      larger.set(this.#kept.subarray(0, this.#keptLength));
      this.#kept = larger;
    }
    this.#kept.set(bytes.subarray(0, room), this.#keptLength);
    this.#keptLength = needed;
  }

  /** Compares a message. */
  message(opcode: "text" | "binary", length: number): void {
    const payload = length === 0
      ? NO_BYTES
      : this.#kept.subarray(0, this.#keptLength);
    this.#event(
      { kind: "message", opcode, length, head: headOf(payload) },
      (expected) =>
        expected.kind === "message" && expected.opcode === opcode &&
        expected.payload.length === length &&
        areEqual(payload, expected.payload),
    );
  }

  /** Compares a PONG. */
  pong(payload: Uint8Array): void {
    this.#event(
      { kind: "pong", length: payload.length, head: headOf(payload) },
      (expected) =>
        expected.kind === "pong" && areEqual(payload, expected.payload),
    );
    this.#pongAwaited?.();
  }

  /** The verdict at the end. */
  verdict(): ProgramVerdict {
    const match = this.#matching.find(({ events }) =>
      events.length === this.#events
    );
    return match === undefined
      ? {
        behavior: "FAILED",
        result: "The received events are none of the expected ones.",
      }
      : {
        behavior: match.behavior,
        result: match.behavior === "OK"
          ? "The received events are the expected ones."
          : "The received events are permitted, but are not the best ones.",
      };
  }

  #event(
    event: ReceivedEvent,
    matches: (expected: ExpectedEvent) => boolean,
  ): void {
    const at = this.#events++;
    if (at < MAX_EVENTS) this.received.push(event);
    for (let i = this.#matching.length - 1; i >= 0; i--) {
      const expected = this.#matching[i]!.events[at];
      if (expected === undefined || !matches(expected)) {
        this.#matching.splice(i, 1);
      }
    }
    this.#closeWhenDone();
  }

  /** Closes if the events are the whole of every pattern. */
  #closeWhenDone(): void {
    const { closesWhenDone, nonStrict } = this.#exchange;
    const patterns = nonStrict === undefined ? 1 : 2;
    const isDone = this.#matching.length === patterns &&
      this.#matching.every(({ events }) => events.length === this.#events);
    if (isDone && closesWhenDone && this.#closing.by === "engine") {
      this.#endpoint.sendClose(this.#closing.codes[0]);
    }
  }

  #run(from: number): void {
    const { steps } = this.#exchange;
    for (let i = from; i < steps.length; i++) {
      const step = steps[i]!;
      if (step.do === "wait") return this.#wait(step, i + 1);
      this.#send(step);
    }
  }

  #wait(step: Step & { readonly do: "wait" }, next: number): void {
    const { seconds, tag, until } = step;
    const go = this.#endpoint.later(seconds, tag, () => {
      this.#pongAwaited = undefined;
      if (tag !== undefined) {
        if (this.#endpoint.state !== "open") return;
        this.#event(
          { kind: "timeout", tag },
          (expected) => expected.kind === "timeout" && expected.tag === tag,
        );
      }
      this.#run(next);
    });
    if (until === "pong") this.#pongAwaited = go;
  }

  #send(step: Exclude<Step, { readonly do: "wait" }>): void {
    const endpoint = this.#endpoint;
    switch (step.do) {
      case "frame":
        return endpoint.sendFrame(step);
      case "message":
        return endpoint.sendMessage(
          OPCODE_NUMBER[step.opcode],
          step.payload,
          step.fragmentSize,
        );
      case "header":
        this.#frame = new OpenFrame(step.opcode, step.length, endpoint.masked);
        this.#log.frames(true, step.opcode);
        return endpoint.sendBytes(this.#frame.header);
      case "payload":
        return endpoint.sendBytes(this.#frame!.part(step.payload));
      case "close":
        return endpoint.sendClose(step.code, step.reason);
      case "killAfter":
        return endpoint.killAfter(step.seconds);
      case "closeAfter":
        return endpoint.closeAfter(step.seconds);
    }
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
