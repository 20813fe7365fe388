import { type FakeWire, openWire } from "../../../../lib/testing/mod.ts";

/** Takes a connection over, and leaves it to the test. */
export function heldWire(): Promise<FakeWire> {
  return openWire({
    handshake: () => ({ takeOver: () => new Promise(() => {}) }),
    frame() {},
  });
}
