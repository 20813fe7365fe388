/**
 * Writes the dashboard and the alert rules: `deno task monitoring`.
 *
 * @module
 */

import { alertRules } from "./alerts.ts";
import { dashboard } from "./dashboard.ts";

/** The files in this folder, and their content. */
export const FILES: Readonly<Record<string, () => string>> = {
  "dashboard.json": () => `${JSON.stringify(dashboard(), null, 2)}\n`,
  "alerts.yml": alertRules,
};

if (import.meta.main) {
  for (const [name, content] of Object.entries(FILES)) {
    await Deno.writeTextFile(new URL(name, import.meta.url), content());
  }
}
