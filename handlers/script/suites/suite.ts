/**
 * A situation of a client's test suite.
 *
 * @module
 */

/** A row of the table of suites. */
export interface SuiteRow {
  /**
   * The name of the handler or of the situation in the suite. After a question mark it
   * has the parameters that a request needs for this row, such as
   * `remote-close?code&reason`. If several rows fit a request, the last one is for it.
   */
  readonly name: string;
  /** The behaviour of the suite's server, in one sentence. */
  readonly sentence: string;
  /** An example of the path in this service, on the frame listener; `""`: there is none. */
  readonly path: string;
  /**
   * The path for a request whose query has arguments, as a URI template (RFC 6570): the
   * variables are the query's parameters, and `query` is the whole query.
   * @default the path
   */
  readonly template?: string;
  /** Why there is no path, or what is different. */
  readonly note?: string;
  /**
   * The answer to the handshake: a status, no answer within a second, or bytes that are no
   * status line.
   * @default 101
   */
  readonly answer?: number | "none" | "junk";
}

/** The situations of a suite. */
export interface Suite {
  /** The name of the suite, as the catalogue's rows have it. */
  readonly name: string;
  /** Where its sources are. */
  readonly sources: string;
  /** The situations, in the order of the sources. */
  readonly rows: readonly SuiteRow[];
}
