/**
 * A long list in an object, as JSON text in pieces.
 *
 * @module
 */

/**
 * Writes an object whose last member is an empty list, with the values of the list.
 *
 * @param outer the object
 * @param list of which each item becomes a value
 * @param valueOf makes the value of an item, when its piece is taken
 * @returns one piece for each value, and those around them
 */
export function* listText<T>(
  outer: object,
  list: readonly T[],
  valueOf: (item: T) => object | string | number | boolean | null,
): Generator<string> {
  const text = JSON.stringify(outer, undefined, 2);
  const place = text.lastIndexOf("[]");
  const line = text.lastIndexOf("\n", place);
  const indent = /^\n */.exec(text.slice(line))![0];
  yield text.slice(0, place + 1);
  let separator = "";
  for (const item of list) {
    const value = JSON.stringify(valueOf(item), undefined, 2);
    yield `${separator}${indent}  ${value.replaceAll("\n", `${indent}  `)}`;
    separator = ",";
  }
  yield `${list.length > 0 ? indent : ""}${text.slice(place + 1)}\n`;
}
