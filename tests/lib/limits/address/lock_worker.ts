/**
 * A thread that increments a shared counter under a {@linkcode Lock}.
 *
 * @module
 */

import { Lock } from "../../../../lib/limits/address/lock.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<SharedArrayBuffer>) => void;
  postMessage(message: string): void;
};

scope.onmessage = ({ data }) => {
  const cells = new Int32Array(data);
  const lock = new Lock(cells, 0);
  for (let i = 0; i < 5_000; i++) lock.hold(() => cells[1]!++);
  scope.postMessage("done");
};
