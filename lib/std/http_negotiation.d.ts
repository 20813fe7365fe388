/** The part of `@std/http/negotiation` that this service uses; the npm build has no types. */
export function accepts(
  request: { readonly headers: { get(name: string): string | null } },
  ...types: string[]
): string | undefined;
