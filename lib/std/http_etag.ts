/**
 * `@std/http/etag`: the part that this project uses.
 *
 * @module
 */

// deno-lint-ignore-file no-import-prefix -- an importer has no import map of this library

import * as etag from "npm:deno-std@1.4.0/http/etag.js";

/** Makes the entity tag of a text (RFC 9110 §8.8.3). */
export const eTag: (
  entity: string,
  options?: { readonly weak?: boolean },
) => Promise<string> = etag.eTag;

/** Returns whether an `If-None-Match` field lets the entity be sent: no tag in it is the entity's. */
export const ifNoneMatch: (
  value: string | null,
  etag: string | undefined,
) => boolean = etag.ifNoneMatch;
