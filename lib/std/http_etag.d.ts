/** The part of `@std/http/etag` that this service uses; the npm build has no types. */
export function eTag(
  entity: string,
  options?: { readonly weak?: boolean },
): Promise<string>;

/** Whether an `If-None-Match` field lets the entity be sent: no tag in it is the entity's. */
export function ifNoneMatch(
  value: string | null,
  etag: string | undefined,
): boolean;
