/**
 * Looks up undocumented properties that the runtime's objects have under symbols.
 * Each module that uses a symbol documents its behaviour in a runtime without it.
 *
 * @module
 */

/** A socket of the runtime with its properties under symbols. */
export type Internals = WebSocket & Record<symbol, unknown>;

/**
 * Looks up a symbol by its description.
 *
 * @param object has an own property under the symbol
 * @param description of the symbol
 */
export function symbolOf(
  object: object,
  description: string,
): symbol | undefined {
  return Object.getOwnPropertySymbols(object)
    .find((symbol) => symbol.description === description);
}
