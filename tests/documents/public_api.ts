/**
 * The public entry points of the package, as `deno doc` sees them.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { runDeno } from "../program.ts";

/** A tag of a doc comment. */
interface Tag {
  readonly kind: string;
  readonly doc?: string;
}

/** One declaration of a symbol; a reference has its declaration elsewhere. */
interface Declaration {
  readonly kind: string;
  readonly jsDoc?: { readonly tags?: readonly Tag[] };
}

/** An exported symbol. */
export interface ExportedSymbol {
  /** Its name. */
  readonly name: string;
  /** Its declarations, such as the overloads of a function. */
  readonly declarations: readonly Declaration[];
}

/** The parts of the output of `deno doc --json` that are used. */
interface Documentation {
  readonly nodes: Readonly<
    Record<string, { readonly symbols: readonly ExportedSymbol[] }>
  >;
}

const ROOT = new URL("../../", import.meta.url).href;

/** The files of the entry points. */
export const ENTRY_POINTS: readonly string[] = Object.values(config.exports);

/** An example of a doc comment. */
export interface Example {
  /** The symbol, and its member if the example is that of a member. */
  readonly name: string;
  /** The code. */
  readonly code: string;
}

/** The documentation of the entry points. */
export class PublicApi {
  readonly #documentation: Documentation;

  private constructor(documentation: Documentation) {
    this.#documentation = documentation;
  }

  /** Reads the documentation of the entry points. */
  static async read(): Promise<PublicApi> {
    const { out, error } = await runDeno(["doc", "--json", ...ENTRY_POINTS]);
    if (out === "") throw new Error(error);
    return new PublicApi(JSON.parse(out));
  }

  /** The exported symbols; one that several entry points export is one symbol. */
  get symbols(): ExportedSymbol[] {
    return Object.values(this.#documentation.nodes)
      .flatMap(({ symbols }) => symbols)
      .filter(({ declarations }) =>
        declarations.some(({ kind }) => kind !== "reference")
      );
  }

  /** The examples of modules, symbols and members. */
  get examples(): Example[] {
    const all = Object.entries(this.#documentation.nodes)
      .flatMap(([file, node]) => [
        ...examplesOf(node, [file.slice(ROOT.length)]),
      ]);
    // `deno doc` lists the tags of some comments twice.
    return [...new Map(all.map((example) => [example.code, example])).values()];
  }
}

/**
 * Returns the examples of a symbol.
 *
 * @param symbol an exported symbol
 */
export function examplesOfSymbol(
  { name, declarations }: ExportedSymbol,
): Example[] {
  return declarations.flatMap(({ jsDoc }) =>
    (jsDoc?.tags ?? []).flatMap((tag) => exampleOf(name, tag))
  );
}

/** Finds examples anywhere in the documentation, in its order. */
function* examplesOf(node: unknown, path: string[]): Generator<Example> {
  if (typeof node !== "object" || node === null) return;
  if ("name" in node && typeof node.name === "string") {
    path = [...path, node.name];
  }
  if ("kind" in node && node.kind === "example") {
    yield* exampleOf(path.join(" "), node as Tag);
  }
  for (const child of Object.values(node)) yield* examplesOf(child, path);
}

/** Only a block of TypeScript is run by `deno test --doc`. */
function exampleOf(name: string, { kind, doc = "" }: Tag): Example[] {
  if (kind !== "example") return [];
  return [...doc.matchAll(/```ts\n([^]*?)```/g)]
    .map(([, code]) => ({ name, code: code! }));
}
