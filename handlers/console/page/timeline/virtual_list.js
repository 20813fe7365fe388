/**
 * A list of any length, of which only the rows in sight exist. All rows have the
 * same height, so where a row stands is a multiplication.
 *
 * @module
 */

/** Rows that exist above and below those in sight. */
const SPARE = 6;

/**
 * Which rows are in sight, or nearly so.
 *
 * @param {object} view
 * @param {number} view.top how far the list is scrolled, in pixels
 * @param {number} view.height of the window onto the list, in pixels
 * @param {number} view.row height of a row, in pixels
 * @param {number} view.count rows of the list
 * @returns {[start: number, end: number]} the end is not included
 */
export function rowsInSight({ top, height, row, count }) {
  const first = Math.floor(top / row) - SPARE;
  const last = Math.ceil((top + height) / row) + SPARE;
  const end = Math.min(Math.max(last, 0), count);
  return [Math.min(Math.max(first, 0), end), end];
}

/**
 * How far to scroll so that a row is in sight.
 *
 * @param {number} index the row
 * @param {object} view
 * @param {number} view.top
 * @param {number} view.height
 * @param {number} view.row
 * @returns {number} pixels
 */
export function scrollTo(index, { top, height, row }) {
  const above = index * row;
  const below = above + row - height;
  if (top > above) return above;
  return top < below ? below : top;
}

/**
 * @template T
 * @typedef {object} Rows
 * @property {() => readonly T[]} items what is listed
 * @property {() => HTMLElement} create makes an empty row
 * @property {(element: HTMLElement, item: T, index: number) => void} fill
 * @property {(following: boolean) => void} scrolled whether the end is in sight
 * @property {() => void} drawing is called before each drawing
 */

/**
 * Shows rows in a box that scrolls.
 *
 * @template T
 */
export class VirtualList {
  #box;
  #rows;
  #space;
  /** @type {HTMLElement[]} */
  #elements = [];
  #row = 0;
  #following = true;
  #drawing = false;

  /**
   * @param {HTMLElement} box
   * @param {Rows<T>} rows
   */
  constructor(box, rows) {
    this.#box = box;
    this.#rows = rows;
    this.#space = document.createElement("div");
    this.#space.className = "space";
    this.#space.role = "presentation";
    box.append(this.#space);
    box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(box);
  }

  /** Draws soon what changed, once a frame of the screen. */
  changed() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  /** Goes to the end, and on with it as it grows. */
  follow() {
    this.#setFollowing(true);
    this.changed();
  }

  /**
   * Scrolls until a row is in sight.
   *
   * @param {number} index
   */
  reveal(index) {
    this.#setFollowing(index === this.#rows.items().length - 1);
    this.#fitSpace();
    this.#box.scrollTop = scrollTo(index, this.#view);
    this.#draw();
  }

  /** How many rows fit into the box. */
  get page() {
    return Math.max(1, Math.floor(this.#box.clientHeight / this.#row) - 1);
  }

  get #view() {
    const { scrollTop: top, clientHeight: height } = this.#box;
    return { top, height, row: this.#row, count: this.#rows.items().length };
  }

  #resized() {
    // The row's height is the style sheet's business.
    const row = getComputedStyle(this.#box).getPropertyValue("--row");
    this.#row = Number.parseFloat(row);
    this.changed();
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.#box;
    this.#setFollowing(scrollTop + clientHeight >= scrollHeight - this.#row);
    this.changed();
  }

  /** @param {boolean} following */
  #setFollowing(following) {
    if (following === this.#following) return;
    this.#following = following;
    this.#rows.scrolled(following);
  }

  #fitSpace() {
    const height = `${this.#row * this.#rows.items().length}px`;
    if (this.#space.style.height !== height) this.#space.style.height = height;
  }

  #draw() {
    this.#rows.drawing();
    if (this.#row === 0) return;
    this.#fitSpace();
    if (this.#following) this.#box.scrollTop = this.#box.scrollHeight;
    const items = this.#rows.items();
    const [start, end] = rowsInSight(this.#view);
    while (this.#elements.length < end - start) {
      const element = this.#rows.create();
      this.#elements.push(element);
      this.#space.append(element);
    }
    for (const surplus of this.#elements.splice(end - start)) surplus.remove();
    for (const [i, element] of this.#elements.entries()) {
      const index = start + i;
      element.style.transform = `translateY(${index * this.#row}px)`;
      this.#rows.fill(element, /** @type {T} */ (items[index]), index);
    }
  }
}
