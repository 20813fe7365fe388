/**
 * The list of attacks.
 *
 * @module
 */

import type { Attack } from "./attack.ts";
import { FAIRNESS } from "./fairness.ts";
import { FLOODS } from "./floods.ts";
import { HEADS } from "./heads.ts";
import { HTTP } from "./http.ts";
import { MEMORY } from "./memory.ts";
import { SOCKETS } from "./sockets.ts";
import { IS_LONG } from "../../long.ts";

/** Every attack. */
export const ATTACKS: readonly Attack[] = [
  ...HEADS,
  ...FLOODS,
  ...MEMORY,
  ...FAIRNESS,
  ...SOCKETS,
  ...HTTP,
];

/** The attacks of `deno task test`: one or two of each kind. */
export const SHORT_ATTACKS: ReadonlySet<string> = new Set([
  "endless heads",
  "half-open handshakes",
  "PING floods",
  "floods of messages",
  "floods of clients that never read",
  "delayed bombs",
  "unfinished bombs in small fragments",
  "echoes of 64 KiB that are never read",
  "messages of 16 KiB, echoed in fragments of 1 byte",
  "compressed messages of 1100 bytes",
  "messages of 1 MiB",
  "resets in every state",
  "FIN right after the handshake",
  "refused handshakes while stdout is not read",
  "If-None-Match with 64000 spaces",
  "event streams of one address",
  "journals that are never read",
  "nested JSON of 60 KB on /stash",
  "pipelined requests",
  "chunked bodies of 1-byte chunks",
  "floods behind a request that waits",
]);

/** The attacks of a test run: some of them, or all in `deno task test:long`. */
export const TESTED_ATTACKS: readonly Attack[] = IS_LONG
  ? ATTACKS
  : ATTACKS.filter(({ name }) => SHORT_ATTACKS.has(name));
