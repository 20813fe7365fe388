/**
 * The version of the service, which `deno.json` has.
 *
 * @module
 */

import about from "../../deno.json" with { type: "json" };

/** The version, such as `0.1.0`. */
export const VERSION: string = about.version;
