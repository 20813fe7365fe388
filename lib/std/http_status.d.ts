/** The part of `@std/http/status` that this service uses; the npm build has no types. */
export const STATUS_TEXT: Readonly<Record<number, string>>;
