/**
 * The conditions of a release.
 *
 * @module
 */

import { run } from "./archive.ts";

const VERSION = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

/**
 * Finds the section of a version in the changelog.
 *
 * @param changelog its text
 * @param version the version
 * @returns the fault in one sentence; `undefined`: the section is there
 */
export function changelogFault(
  changelog: string,
  version: string,
): string | undefined {
  if (!VERSION.test(version)) {
    return `deno.json has the version ${version}, which is not MAJOR.MINOR.PATCH`;
  }
  const [first] = changelog.matchAll(/^## (.*)$/gm);
  const heading = new RegExp(
    `^\\[?${RegExp.escape(version)}\\]? - \\d{4}-\\d\\d-\\d\\d$`,
  );
  return first !== undefined && heading.test(first[1]!)
    ? undefined
    : `the first section of CHANGELOG.md is not "## ${version} - YYYY-MM-DD"`;
}

/**
 * Checks the state of the repository.
 *
 * @param root the project's folder
 * @param version the version
 * @returns the faults, each in one sentence
 */
export async function repositoryFaults(
  root: string,
  version: string,
): Promise<string[]> {
  const faults: string[] = [];
  const changed = await run(root, "git", ["status", "--porcelain"]);
  if (changed !== "") faults.push("there are changes that are not committed");
  const tag = `v${version}`;
  const tagged = await run(root, "git", ["tag", "--list", tag]);
  if (tagged !== "") faults.push(`the tag ${tag} exists: raise the version`);
  return faults;
}
