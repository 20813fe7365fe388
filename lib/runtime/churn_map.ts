/**
 * A map and a set whose entries come and go, as connections do.
 *
 * V8 replaces the table of a `Map` or `Set` again and again when entries come and
 * go, and each table refers to its successor. A young-generation collection treats
 * a table in the old generation as live, though it is garbage. So once one table is
 * promoted to the old generation, all later tables are too, with all their entries,
 * until the next full collection. For a service these are all connections since
 * then. The collections of this module replace the whole `Map` regularly. Seen in
 * Deno 2.9.6.
 *
 * @module
 */

/** Least number of deletions before the `Map` is replaced. */
const MIN_DELETIONS = 64;

/** A map whose deleted entries are garbage at once. */
export class ChurnMap<K, V> {
  #map = new Map<K, V>();
  #deletions = 0;

  /** Number of entries. */
  get size(): number {
    return this.#map.size;
  }

  /**
   * Whether there is an entry.
   *
   * @param key of the entry
   */
  has(key: K): boolean {
    return this.#map.has(key);
  }

  /**
   * Gets a value.
   *
   * @param key of the entry
   */
  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  /**
   * Adds an entry at the end, or changes the value of one.
   *
   * @param key of the entry
   * @param value of the entry
   */
  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  /**
   * Deletes an entry.
   *
   * @param key of the entry
   * @returns whether there was an entry
   */
  delete(key: K): boolean {
    if (!this.#map.delete(key)) return false;
    if (++this.#deletions > Math.max(this.#map.size, MIN_DELETIONS)) {
      this.#map = new Map(this.#map);
      this.#deletions = 0;
    }
    return true;
  }

  /** Deletes all entries. */
  clear(): void {
    this.#map = new Map();
    this.#deletions = 0;
  }

  /**
   * The entries, oldest first. Skips entries that are deleted during the iteration;
   * may skip entries that are added during it.
   */
  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const entry of this.#map) if (this.#map.has(entry[0])) yield entry;
  }

  /** The values, iterated over like the entries. */
  *values(): IterableIterator<V> {
    for (const [, value] of this) yield value;
  }
}

/** A set whose deleted items are garbage at once. */
export class ChurnSet<T> {
  readonly #items = new ChurnMap<T, T>();

  /** Number of items. */
  get size(): number {
    return this.#items.size;
  }

  /**
   * Adds an item at the end, unless the set has it.
   *
   * @param item any value
   */
  add(item: T): void {
    this.#items.set(item, item);
  }

  /**
   * Deletes an item.
   *
   * @param item any value
   * @returns whether the set had it
   */
  delete(item: T): boolean {
    return this.#items.delete(item);
  }

  /** The items, oldest first; skips items that are deleted during the iteration. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }
}
