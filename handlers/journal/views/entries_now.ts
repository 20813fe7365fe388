/**
 * The entries of a record for a view that is sent in pieces.
 *
 * @module
 */

import type { ConnectionRecord } from "../record/connection_record.ts";
import type { Entry } from "../record/entry.ts";

/**
 * The entries that a record has now: not those that follow while they are sent, and no
 * more once the record is discarded.
 *
 * @param record of a connection
 */
export function entriesNow(
  { entries }: ConnectionRecord,
): IteratorObject<Entry> {
  return entries.values().take(entries.length);
}
