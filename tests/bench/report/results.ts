/**
 * What a benchmark comes to.
 *
 * @module
 */

/** A closed loop, in rounds. */
export interface ThroughputResult {
  /** Messages a second: the median. */
  readonly rate: number;
  /** Messages a second of each round. */
  readonly rates: readonly number[];
  /** Microseconds of processor time a message: the median. */
  readonly cpu: number;
  /** Share of the time that the load generator had nothing to do: the median. */
  readonly generatorIdle: number;
}

/** An open loop at half the rate of the closed one; times in milliseconds. */
export interface LatencyResult {
  /** Messages a second that were sent. */
  readonly rate: number;
  /** The median of the rounds' medians. */
  readonly p50: number;
  /** The median of the rounds' 99th percentiles. */
  readonly p99: number;
  /** Microseconds of processor time a message. */
  readonly cpu: number;
}

/** Handshakes a second, in rounds. */
export interface HandshakesResult {
  /** The median. */
  readonly rate: number;
  /** Of each round. */
  readonly rates: readonly number[];
}

/** Something measured, or why it was not. */
export type Cell<Result> = Result | { readonly failed: string };

/** Results by the servers' ids. */
export type ByServer<Result> = Record<string, Cell<Result>>;

/** All of it, as it is written to a file. */
export interface Results {
  /** When, in ISO 8601. */
  readonly date: string;
  /** Where. */
  readonly machine: {
    readonly os: string;
    readonly arch: string;
    readonly processor: string;
    readonly cores: number;
    /** Whether server and load generator kept to a core each. */
    readonly pinned: boolean;
  };
  /** The servers by their ids. */
  readonly servers: Record<
    string,
    { readonly name: string; readonly version: string }
  >;
  /** By the loads' ids. */
  readonly throughput: Record<string, ByServer<ThroughputResult>>;
  /** By the servers' ids. */
  readonly handshakes: ByServer<HandshakesResult>;
  /** By the servers' ids. */
  readonly latency: ByServer<LatencyResult>;
  /** Bytes an idle connection, by their number. */
  readonly memory: Record<string, ByServer<number>>;
}

/**
 * Whether something was measured.
 *
 * @param cell what there is
 */
export function isMeasured<Result>(
  cell: Cell<Result> | undefined,
): cell is Result {
  return cell !== undefined &&
    !(typeof cell === "object" && cell !== null && "failed" in cell);
}
