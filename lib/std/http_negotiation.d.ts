/** The part of `@std/http/negotiation` that this service uses; the npm build has no types. */
export function accepts(
  request: Pick<Request, "headers">,
  ...types: string[]
): string | undefined;
