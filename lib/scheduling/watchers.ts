/**
 * Callbacks for changes of named objects, such as journals.
 *
 * @module
 */

/** The functions by name; a name without functions takes no memory. */
export class Watchers {
  readonly #functions = new Map<string, Set<() => void>>();

  /**
   * Calls a function at each {@linkcode Watchers.notify} of a name.
   *
   * @param name need not exist yet
   * @param changed must not throw
   * @returns a function that ends the calls
   */
  watch(name: string, changed: () => void): () => void {
    const functions = this.#functions.get(name) ?? new Set();
    this.#functions.set(name, functions.add(changed));
    return () => {
      functions.delete(changed);
      if (functions.size === 0) this.#functions.delete(name);
    };
  }

  /** Whether a function waits for changes of a name. */
  has(name: string): boolean {
    return this.#functions.has(name);
  }

  /** Calls the functions of a name. */
  notify(name: string): void {
    for (const changed of this.#functions.get(name) ?? []) changed();
  }
}
