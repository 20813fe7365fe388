/** The part of `@std/http/etag` that this service uses; the npm build has no types. */
export function eTag(
  entity: string,
  options?: { readonly weak?: boolean },
): Promise<string>;

/** Whether the entity has to be sent: none of the tags in the field is its own. */
export function ifNoneMatch(
  value: string | null,
  etag: string | undefined,
): boolean;
