/**
 * A program with two threads, the second of which cannot start.
 *
 * @module
 */

import { StartError } from "../../../../lib/config/start_error.ts";
import {
  logUnhandledRejections,
  orExit,
} from "../../../../lib/process/exit.ts";
import { joinWorkerPool } from "../../../../lib/cluster/workers/worker_pool.ts";

logUnhandledRejections();
await orExit(async () => {
  const workerPool = await joinWorkerPool(2, import.meta.url);
  if (!workerPool.isMain) throw new StartError("FRAME_PORT=81 is in use");
  await workerPool.begin({ port: 80, framePort: 81 });
});
