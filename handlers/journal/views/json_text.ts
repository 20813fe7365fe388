/**
 * JSON text in pieces, for values with lists that are too long to be written at once.
 *
 * @module
 */

/** A list in a value of {@linkcode jsonText}, whose items are made one after the other. */
export class LongList {
  /** Makes the items, each when its piece is taken. */
  readonly items: Iterable<object>;

  /**
   * Makes a list.
   *
   * @param items objects, which may have long lists themselves
   */
  constructor(items: Iterable<object>) {
    this.items = items;
  }
}

/**
 * Writes an object as `JSON.stringify(value, undefined, 2)` does; each item of a
 * {@linkcode LongList} is a piece or several.
 *
 * @param value plain objects, in which long lists may be, and other values of JSON
 */
export function* jsonText(value: object): Generator<string> {
  yield* textOf(value, "\n");
  yield "\n";
}

/** Writes a value whose lines begin with an indent. */
function* textOf(value: unknown, indent: string): Generator<string> {
  if (value instanceof LongList) yield* listText(value, indent);
  else if (hasLongList(value)) yield* membersText(value, indent);
  else {
    yield JSON.stringify(value, undefined, 2).replaceAll("\n", indent);
  }
}

function* listText({ items }: LongList, indent: string): Generator<string> {
  let before = "[";
  for (const item of items) {
    yield `${before}${indent}  `;
    yield* textOf(item, `${indent}  `);
    before = ",";
  }
  yield before === "[" ? "[]" : `${indent}]`;
}

function* membersText(outer: object, indent: string): Generator<string> {
  let before = "{";
  for (const [name, value] of Object.entries(outer)) {
    if (value === undefined) continue;
    yield `${before}${indent}  ${JSON.stringify(name)}: `;
    yield* textOf(value, `${indent}  `);
    before = ",";
  }
  yield `${indent}}`;
}

/** Whether a long list is in an object, or in one of its objects. */
function hasLongList(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).some((member) =>
      member instanceof LongList || hasLongList(member)
    );
}
