/**
 * The table of suites.
 *
 * @module
 */

import { CLIENT_SUITES } from "./clients.ts";
import type { Suite } from "./suite.ts";
import { WEB_PLATFORM_TESTS } from "./web_platform_tests.ts";

/** Test suites of clients, with a path for each of their situations. */
export const SUITES: readonly Suite[] = [WEB_PLATFORM_TESTS, ...CLIENT_SUITES];
