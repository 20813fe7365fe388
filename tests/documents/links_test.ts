import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../../", import.meta.url);

/** Folders without documents of this project. */
const FOREIGN = /^(\.git|node_modules)$/;

/** Finds every Markdown document of the project. */
async function* documents(folder: URL): AsyncIterableIterator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && !FOREIGN.test(name)) {
      yield* documents(new URL(`${name}/`, folder));
    } else if (name.endsWith(".md")) yield new URL(name, folder);
  }
}

/** Removes the blocks of code. */
function prose(markdown: string): string {
  return markdown.replaceAll(/^```[^]*?^```/gm, "");
}

/** Lists the anchors of a document's headings, as GitHub makes them. */
function anchors(markdown: string): Set<string> {
  const headings = prose(markdown).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading!.toLowerCase().replaceAll(/[^\p{L}\p{N}\- _]/gu, "")
        .replaceAll(" ", "-")
    ),
  );
}

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch {
    return false;
  }
}

/** Tells whether a link of a document leads somewhere. */
async function isAlive(link: string, document: URL): Promise<boolean> {
  const target = new URL(link, document);
  const { hash } = target;
  target.hash = "";
  if (!await exists(target)) return false;
  if (hash === "" || !target.pathname.endsWith(".md")) return true;
  return anchors(await Deno.readTextFile(target)).has(hash.slice(1));
}

testWith(
  { read: true },
  "Every link inside the documents leads to a file or a heading",
  async () => {
    const dead: string[] = [];
    for await (const document of documents(ROOT)) {
      const text = prose(await Deno.readTextFile(document));
      for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^\w+:/.test(link!)) continue;
        if (!await isAlive(link!, document)) {
          dead.push(
            `${document.pathname.slice(ROOT.pathname.length)}: ${link}`,
          );
        }
      }
    }
    assertEquals(dead, []);
  },
);

testWith(
  { read: true },
  "Every file and task that the documents name exists",
  async () => {
    const { tasks } = JSON.parse(
      await Deno.readTextFile(new URL("deno.json", ROOT)),
    );
    const missing: string[] = [];
    for await (const document of documents(ROOT)) {
      const name = document.pathname.slice(ROOT.pathname.length);
      const text = await Deno.readTextFile(document);
      for (const [, path] of text.matchAll(FILE)) {
        if (!await exists(new URL(path!, ROOT))) {
          missing.push(`${name}: ${path}`);
        }
      }
      for (const [, task] of text.matchAll(/deno task ([a-z:]+)/g)) {
        if (!(task! in tasks)) missing.push(`${name}: deno task ${task}`);
      }
    }
    assertEquals(missing, []);
  },
);

/** A path from the root of the project; not a pattern or an example. */
const FILE =
  /(?<![\w./-])((?:lib|handlers|tests|\.github)\/(?!shout|[\w./-]*NAME)[\w./-]*\w)(?![\w*<{])/g;
