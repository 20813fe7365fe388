/**
 * The examples in documents.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { runProgram } from "../program.ts";

const ROOT = new URL("../../", import.meta.url);

/**
 * Runs every TypeScript example of a document, and compares its output with the comment
 * after its `console.log`; INFO lines of the log are left out.
 *
 * @param path of the document, relative to the project
 * @param replace changes an example, such as the port of a server
 * @returns the number of examples
 */
export async function runExamples(
  path: string,
  replace: (example: string) => string = (example) => example,
): Promise<number> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  const examples = [...text.matchAll(/```ts\n(.+?)```/gs)].map((m) => m[1]!);
  const lib = new URL("lib/", ROOT).href;
  for (const example of examples) {
    const expected = /console\.log\(.*\); \/\/ (.+)$/m.exec(example)![1]!;
    const program = replace(example).replaceAll('"../lib/', `"${lib}`);
    const { code, out, error } = await runProgram(program);
    const printed = out.replace(/^I \(\d+\) .*\n/gm, "");
    assertEquals([code, printed, error], [0, `${expected}\n`, ""]);
  }
  return examples.length;
}
