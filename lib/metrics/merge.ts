/**
 * The figures of several threads as those of one process.
 *
 * @module
 */

/** What is counted under one name. */
interface Family {
  /** Its HELP and TYPE. */
  readonly head: readonly string[];
  /** Values by name and labels, as they are written. */
  readonly samples: Map<string, number>;
}

/**
 * Adds texts of Prometheus' format up, sample by sample. That is right for
 * counters and histograms, and for gauges of what each thread has for itself.
 *
 * @param texts of which each gives HELP and TYPE in front of a name's samples
 */
export function mergeTexts(texts: readonly string[]): string {
  const families = new Map<string, Family>();
  for (const text of texts) {
    for (const block of text.split(/^(?=# HELP )/m)) addBlock(families, block);
  }
  return [...families.values()].map(write).join("\n");
}

function addBlock(families: Map<string, Family>, block: string): void {
  const lines = block.split("\n").filter((line) => line !== "");
  const head = lines.filter((line) => line.startsWith("#"));
  const name = head[0]?.split(" ")[2];
  if (name === undefined) return;
  const family = families.get(name) ?? { head, samples: new Map() };
  families.set(name, family);
  for (const line of lines.slice(head.length)) {
    // A label's value may have spaces; the sample's value has none.
    const space = line.lastIndexOf(" ");
    const key = line.slice(0, space);
    const value = Number(line.slice(space + 1));
    family.samples.set(key, (family.samples.get(key) ?? 0) + value);
  }
}

function write({ head, samples }: Family): string {
  const lines = Array.from(samples, ([key, value]) => `${key} ${value}`);
  return `${[...head, ...lines].join("\n")}\n`;
}
