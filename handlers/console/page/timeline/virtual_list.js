/**
 * A list that creates elements for its visible rows only. All rows have the same
 * height, so the position of a row is index × height.
 *
 * @module
 */

/** Extra rows above and below the visible rows. */
const OVERSCAN = 6;

/**
 * Computes the range of rows that need elements.
 *
 * @param {object} view
 * @param {number} view.top scroll position in pixels
 * @param {number} view.height height of the scroll box in pixels
 * @param {number} view.row height of a row in pixels
 * @param {number} view.count number of rows
 * @returns {[start: number, end: number]} `end` is exclusive
 */
export function visibleRows({ top, height, row, count }) {
  const first = Math.floor(top / row) - OVERSCAN;
  const last = Math.ceil((top + height) / row) + OVERSCAN;
  const end = Math.min(Math.max(last, 0), count);
  return [Math.min(Math.max(first, 0), end), end];
}

/**
 * Computes the scroll position that makes a row visible.
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
 * @property {() => readonly T[]} items the items of the list
 * @property {() => HTMLElement} create creates an empty row
 * @property {(element: HTMLElement, item: T, index: number) => void} fill
 * @property {(following: boolean) => void} scrolled whether the list follows its end
 * @property {() => void} drawing called before each drawing
 */

/**
 * Draws the visible rows of a list in a scroll box.
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

  /** Schedules a drawing, at most one per animation frame. */
  changed() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  /** Scrolls to the end, and follows it when rows are added. */
  follow() {
    this.#setFollowing(true);
    this.changed();
  }

  /**
   * Scrolls to a row.
   *
   * @param {number} index
   */
  reveal(index) {
    this.#setFollowing(index === this.#rows.items().length - 1);
    this.#fitSpace();
    this.#box.scrollTop = scrollTo(index, this.#view);
    this.#draw();
  }

  /** Number of rows that Page Up and Page Down move. */
  get page() {
    return Math.max(1, Math.floor(this.#box.clientHeight / this.#row) - 1);
  }

  get #view() {
    const { scrollTop: top, clientHeight: height } = this.#box;
    return { top, height, row: this.#row, count: this.#rows.items().length };
  }

  #resized() {
    // The style sheet defines the height of a row.
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
    const [start, end] = visibleRows(this.#view);
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
