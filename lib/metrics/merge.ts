/**
 * Merges the metrics of several threads.
 *
 * @module
 */

/** A metric. */
interface Family {
  /** The lines HELP and TYPE. */
  readonly head: readonly string[];
  /** Values by name and labels, in the text format. */
  readonly samples: Map<string, number>;
}

/**
 * Adds up texts in Prometheus' format, sample by sample: correct for counters,
 * histograms, and gauges that each thread sets for itself.
 *
 * @param texts each has HELP and TYPE in front of the samples of a metric
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
    // The value of a label may contain spaces, the value of a sample does not.
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
