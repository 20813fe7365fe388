/**
 * The records of one name.
 *
 * @module
 */

import type { ConnectionRecord } from "./connection_record.ts";

/** The records of one name. */
export interface Journal {
  /** The key. */
  readonly name: string;
  /** The connections, the oldest first. */
  readonly connections: readonly ConnectionRecord[];
  /** Connections that were removed to make room. */
  readonly removed: number;
}
