/**
 * Names of report files, as the suite makes them.
 *
 * @module
 */

/** Longest name of an agent in a file's name. */
const MAX_LENGTH = 100;

/** The names of agents in the names of their files. */
export class FileNames {
  readonly #byAgent = new Map<string, string>();
  readonly #byName = new Map<string, string>();

  /**
   * Makes the names. If two agents would have the same name, the later ones get a number.
   *
   * @param agents in order
   */
  constructor(agents: readonly string[]) {
    for (const agent of agents) {
      const clean = cleaned(agent);
      let name = clean;
      for (let n = 2; this.#byName.has(name); n++) name = `${clean}_${n}`;
      this.#byAgent.set(agent, name);
      this.#byName.set(name, agent);
    }
  }

  /**
   * Returns the name of a file.
   *
   * @param agent one of the agents
   * @param id of the case
   * @param extension without a dot
   */
  of(agent: string, id: string, extension: "json" | "html"): string {
    const name = this.#byAgent.get(agent) ?? cleaned(agent);
    return `${name}_case_${id.replaceAll(".", "_")}.${extension}`;
  }

  /**
   * Reads the name of a file.
   *
   * @param file such as `ws_case_1_1_1.json`
   * @returns agent, id and extension; `undefined`: no name of a report file
   */
  read(
    file: string,
  ): { agent: string; id: string; extension: string } | undefined {
    const match = /^(\w{1,120})_case_([\d_]{1,12})\.(json|html)$/.exec(file);
    if (match === null) return undefined;
    const [, name, digits, extension] = match as unknown as string[];
    const agent = this.#byName.get(name!);
    if (agent === undefined) return undefined;
    return { agent, id: digits!.replaceAll("_", "."), extension: extension! };
  }
}

function cleaned(agent: string): string {
  const name = agent.trim().toLowerCase().replace(/[^a-z0-9]/g, " ").trim()
    .replaceAll(" ", "_").slice(0, MAX_LENGTH);
  return name === "" ? "agent" : name;
}
