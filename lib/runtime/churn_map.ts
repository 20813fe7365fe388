/**
 * Collections whose items come and go, as connections do.
 *
 * A `Map` or `Set` outgrows its table again and again when entries come and go,
 * and V8 has each table lead to the one that took its place. A collection of
 * garbage among young objects takes an old table, though it is garbage itself,
 * for a reason to keep what it leads to: once one table has grown old, so does
 * every later one, with all that is in it, until the next full collection. For a
 * service that is every connection, long after it is gone. These give the `Map`
 * up, and not only its table, before long.
 *
 * @module
 */

/** Deletions at least before a `Map` is given up, so that small ones are not all the time. */
const MIN_DELETIONS = 64;

/** A `Map` whose entries do not grow old with it. */
export class ChurnMap<K, V> {
  #map = new Map<K, V>();
  #deletions = 0;

  /** Entries. */
  get size(): number {
    return this.#map.size;
  }

  /**
   * Whether there is an entry.
   *
   * @param key the entry's
   */
  has(key: K): boolean {
    return this.#map.has(key);
  }

  /**
   * Looks an entry up.
   *
   * @param key the entry's
   */
  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  /**
   * Adds an entry behind all others, or gives one another value.
   *
   * @param key the entry's
   * @param value the entry's
   */
  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  /**
   * Takes an entry out.
   *
   * @param key the entry's
   * @returns whether there was one
   */
  delete(key: K): boolean {
    if (!this.#map.delete(key)) return false;
    if (++this.#deletions > Math.max(this.#map.size, MIN_DELETIONS)) {
      this.#map = new Map(this.#map);
      this.#deletions = 0;
    }
    return true;
  }

  /** Takes all entries out. */
  clear(): void {
    this.#map = new Map();
    this.#deletions = 0;
  }

  /**
   * The entries, oldest first. What is taken out meanwhile is not shown any more;
   * what is added meanwhile may be.
   */
  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const entry of this.#map) if (this.#map.has(entry[0])) yield entry;
  }

  /** The values, in the same order and with the same reservation. */
  *values(): IterableIterator<V> {
    for (const [, value] of this) yield value;
  }
}

/** A `Set` whose items do not grow old with it. */
export class ChurnSet<T> {
  readonly #items = new ChurnMap<T, T>();

  /** Items. */
  get size(): number {
    return this.#items.size;
  }

  /**
   * Adds an item behind all others, if it is not there.
   *
   * @param item anything
   */
  add(item: T): void {
    this.#items.set(item, item);
  }

  /**
   * Takes an item out.
   *
   * @param item one that may be there
   * @returns whether it was
   */
  delete(item: T): boolean {
    return this.#items.delete(item);
  }

  /** The items, oldest first; what is taken out meanwhile is not shown any more. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }
}
