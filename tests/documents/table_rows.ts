/**
 * Reads the tables of a Markdown document.
 *
 * @module
 */

/**
 * Returns the cells of the table with the given first column head, row by row.
 *
 * @param path of the document, relative to the project
 * @param head of the first column
 */
export async function tableRows(
  path: string,
  head: string,
): Promise<string[][]> {
  const text = await Deno.readTextFile(
    new URL(`../../${path}`, import.meta.url),
  );
  const lines = text.split("\n");
  const start = lines.findIndex((line) => cells(line)[0] === head);
  if (start < 0) throw new Error(`${path} has no table with "${head}"`);
  const body = lines.slice(start + 2);
  const end = body.findIndex((line) => !line.startsWith("|"));
  return body.slice(0, end < 0 ? body.length : end).map(cells);
}

function cells(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}
