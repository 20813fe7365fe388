/**
 * The results of all agents, in memory; bounded in number, size and age.
 *
 * @module
 */

import { CASES } from "./cases.ts";
import type { CaseResult } from "./case/result.ts";

/** Limits of a {@linkcode ResultStore}. */
export interface ResultStoreOptions {
  /**
   * Agents at most; a new one replaces the one without a result for the longest time.
   * @default 256
   */
  readonly maxAgents?: number;
  /**
   * Bytes at most, estimated; the agent without a result for the longest time is removed.
   * @default 64 MiB
   */
  readonly maxBytes?: number;
  /**
   * Milliseconds after the last result of an agent until it is removed.
   * @default 24 hours
   */
  readonly maxAge?: number;
  /** Returns the time in milliseconds. */
  readonly now?: () => number;
}

/** The results of one agent. */
interface Agent {
  /** By the id of the case; the last one replaces the one before. */
  readonly results: Map<string, CaseResult>;
  /** Estimated size. */
  bytes: number;
  /** Time of the last result. */
  lastResult: number;
}

const MAX_AGENTS = 256;
const MAX_BYTES = 64 * 2 ** 20;
const MAX_AGE = 24 * 60 * 60 * 1000;

/** Estimated bytes of a result, and of an entry of its log. */
const RESULT_BYTES = 1024;
const ENTRY_BYTES = 256;

/** Keeps results. */
export class ResultStore {
  readonly #maxAgents: number;
  readonly #maxBytes: number;
  readonly #maxAge: number;
  readonly #now: () => number;
  /** In the order of the last results. */
  readonly #agents = new Map<string, Agent>();
  readonly #awaited = new Map<string, Set<(result: CaseResult) => void>>();
  readonly #onUpdate = new Set<(agent: string) => void>();

  /**
   * Makes an empty store.
   *
   * @param options limits
   */
  constructor(options: ResultStoreOptions = {}) {
    this.#maxAgents = options.maxAgents ?? MAX_AGENTS;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#maxAge = options.maxAge ?? MAX_AGE;
    this.#now = options.now ?? Date.now;
  }

  /** The names of the agents, sorted. */
  get agents(): readonly string[] {
    this.#removeOld();
    return [...this.#agents.keys()].sort();
  }

  /** Estimated size of all results in bytes. */
  get bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#agents.values()) sum += bytes;
    return sum;
  }

  /**
   * Adds a result, in place of an earlier one of the same case and agent.
   *
   * @param result of a run that has ended
   */
  add(result: CaseResult): void {
    const { agent: name, case: { id } } = result;
    const agent = this.#agents.get(name) ??
      { results: new Map(), bytes: 0, lastResult: 0 };
    const before = agent.results.get(id);
    agent.bytes += sizeOf(result) - (before === undefined ? 0 : sizeOf(before));
    agent.results.set(id, result);
    agent.lastResult = this.#now();
    this.#agents.delete(name);
    this.#agents.set(name, agent);
    this.#removeOld();
    const key = keyOf(name, id);
    for (const resolve of this.#awaited.get(key) ?? []) resolve(result);
    this.#awaited.delete(key);
  }

  /**
   * Returns the last result of a case.
   *
   * @param agent name
   * @param id of the case
   */
  get(agent: string, id: string): CaseResult | undefined {
    this.#removeOld();
    return this.#agents.get(agent)?.results.get(id);
  }

  /**
   * Returns the results of an agent, in the suite's order.
   *
   * @param agent name
   */
  results(agent: string): readonly CaseResult[] {
    this.#removeOld();
    const results = this.#agents.get(agent)?.results;
    if (results === undefined) return [];
    return CASES.map(({ id }) => results.get(id))
      .filter((result) => result !== undefined);
  }

  /**
   * Waits for a result that is not there yet.
   *
   * @param agent name
   * @param id of the case
   * @param signal ends the wait
   * @returns `undefined` if the signal ended the wait
   */
  async wait(
    agent: string,
    id: string,
    signal: AbortSignal,
  ): Promise<CaseResult | undefined> {
    const result = this.get(agent, id);
    if (result !== undefined || signal.aborted) return result;
    const key = keyOf(agent, id);
    const { promise, resolve } = Promise.withResolvers<
      CaseResult | undefined
    >();
    const waiting = this.#awaited.get(key) ?? new Set();
    this.#awaited.set(key, waiting.add(resolve));
    const stop = () => resolve(undefined);
    signal.addEventListener("abort", stop);
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", stop);
      waiting.delete(resolve);
      if (waiting.size === 0 && this.#awaited.get(key) === waiting) {
        this.#awaited.delete(key);
      }
    }
  }

  /**
   * Removes results.
   *
   * @param agent name; unset: all agents
   */
  clear(agent?: string): void {
    if (agent === undefined) this.#agents.clear();
    else this.#agents.delete(agent);
  }

  /**
   * Tells that an agent has run all its cases: `/updateReports`.
   *
   * @param agent name
   */
  updateReports(agent: string): void {
    for (const call of this.#onUpdate) call(agent);
  }

  /**
   * Calls a function when an agent has run all its cases.
   *
   * @param call gets the agent's name
   * @returns ends the calls
   */
  onUpdate(call: (agent: string) => void): () => void {
    this.#onUpdate.add(call);
    return () => this.#onUpdate.delete(call);
  }

  /** Removes agents above a limit, the oldest first; the newest one stays. */
  #removeOld(): void {
    const oldest = this.#now() - this.#maxAge;
    let bytes = this.bytes;
    for (const [name, agent] of this.#agents) {
      const isOver = this.#agents.size > this.#maxAgents ||
        bytes > this.#maxBytes && this.#agents.size > 1;
      if (!isOver && agent.lastResult >= oldest) return;
      this.#agents.delete(name);
      bytes -= agent.bytes;
    }
  }
}

function keyOf(agent: string, id: string): string {
  return `${id} ${agent}`;
}

function sizeOf(result: CaseResult): number {
  return RESULT_BYTES + result.httpRequest.length +
    result.httpResponse.length + ENTRY_BYTES * result.wireLog.length;
}
