/**
 * The results of a benchmark.
 *
 * @module
 */

/** Throughput, in rounds. */
export interface ThroughputResult {
  /** Messages per second: the median. */
  readonly rate: number;
  /** Messages per second of each round. */
  readonly rates: readonly number[];
  /** Microseconds of processor time per message: the median. */
  readonly cpu: number;
  /** The same of each round. */
  readonly cpus: readonly number[];
  /** Share of the time that the load generator was idle: the median. */
  readonly generatorIdle: number;
}

/** Latency at half of the throughput; times in milliseconds. */
export interface LatencyResult {
  /** Messages sent per second. */
  readonly rate: number;
  /** The median of the rounds' medians. */
  readonly p50: number;
  /** The median of the rounds' 99th percentiles. */
  readonly p99: number;
  /** Microseconds of processor time per message. */
  readonly cpu: number;
}

/** Handshakes per second, in rounds. */
export interface HandshakesResult {
  /** The median. */
  readonly rate: number;
  /** The rate of each round. */
  readonly rates: readonly number[];
  /** Microseconds of processor time per handshake and close: the median. */
  readonly cpu: number;
  /** The same of each round. */
  readonly cpus: readonly number[];
}

/** A result, or the reason why there is none. */
export type Cell<Result> = Result | { readonly failed: string };

/** Results by the servers' ids. */
export type ByServer<Result> = Record<string, Cell<Result>>;

/** The content of a result file. */
export interface Results {
  /** The time of the run in ISO 8601. */
  readonly date: string;
  /** The machine of the run. */
  readonly machine: {
    readonly os: string;
    readonly arch: string;
    readonly processor: string;
    readonly cores: number;
    /** Whether the server and the load generator were pinned to a core each. */
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
  /** Bytes per idle connection, by the number of connections. */
  readonly memory: Record<string, ByServer<number>>;
}

/**
 * Whether a cell has a result.
 *
 * @param cell of a table
 */
export function isMeasured<Result>(
  cell: Cell<Result> | undefined,
): cell is Result {
  return cell !== undefined &&
    !(typeof cell === "object" && cell !== null && "failed" in cell);
}
