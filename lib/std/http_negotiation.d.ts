/** The part of `@std/http/negotiation` that this service uses; the npm build has no types. */
export function accepts(
  request: { readonly headers: { get(name: string): string | null } },
  ...types: string[]
): string | undefined;

/** The encoding that a request prefers among some. */
export function acceptsEncodings(
  request: { readonly headers: { get(name: string): string | null } },
  ...encodings: string[]
): string | undefined;
