/**
 * What the runtime's `WebSocket` has under symbols. The runtime does not document
 * it, but has it where anybody can see it; a symbol is looked up by its
 * description. Whoever uses one says what happens in a runtime without it.
 *
 * @module
 */

/** A runtime's socket, seen from inside. */
export type Internals = WebSocket & Record<symbol, unknown>;

/**
 * Looks a symbol up.
 *
 * @param object has a property under it, of its own
 * @param description of the symbol
 */
export function symbolOf(
  object: object,
  description: string,
): symbol | undefined {
  return Object.getOwnPropertySymbols(object)
    .find((symbol) => symbol.description === description);
}
