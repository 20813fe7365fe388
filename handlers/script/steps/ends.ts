/**
 * Steps that end the connection.
 *
 * @module
 */

import { closePayload, encodeFrame } from "../../../lib/client/frame.ts";
import { isCloseCodeAllowed } from "../../../lib/protocol/close_code.ts";
import {
  type Argument,
  number,
  optional,
  text,
} from "../arguments/argument.ts";
import type { Run } from "../engine/run.ts";
import { type Step, step } from "../engine/step.ts";

const CODE: Argument<number> = number("CODE", 0, 65_535);

/** Sends a CLOSE with any code. */
function writeClose({ wire }: Run, code: number, reason = ""): void {
  const payload = closePayload(code, reason);
  wire.write(encodeFrame("close", payload, { mask: "none" }));
  wire.closeWritten();
}

/** The steps that end the connection. */
export const END_STEPS: readonly Step[] = [
  step({
    name: "close",
    phase: "end",
    needs: "any",
    arguments: [optional(CODE), optional(text("REASON", 123))],
    needsWith: ([code]) =>
      code === undefined || isCloseCodeAllowed(code) ? "any" : "wire",
    sentence: "Sends a CLOSE with this code, without one if it is left out.",
    example: "close:1001:going%20away",
    client:
      "Answers with a CLOSE and waits for the end of TCP; fails the connection for a code that may not be sent.",
    section: "RFC 6455 §7.1.2, §7.4",
    suites: ["all"],
    run(run, [code, reason]) {
      if (code === undefined || isCloseCodeAllowed(code)) {
        run.endpoint.close(code, reason);
      } else {
        writeClose(run, code, reason);
      }
    },
  }),
  step({
    name: "close-from-both",
    phase: "end",
    needs: "wire",
    takesClose: () => true,
    isLast: true,
    arguments: [optional(CODE)],
    sentence:
      "Waits for the client's CLOSE, and sends a CLOSE of its own with 1001 or this code, as if both had crossed.",
    example: "close-from-both:1001",
    client: "Takes it for the answer and ends without a further CLOSE.",
    section: "RFC 6455 §7.1.5",
    suites: ["web-platform-tests", "dotnet"],
    async run(run, [code = 1001]) {
      await run.wire.closeReceived();
      writeClose(run, code);
    },
  }),
  step({
    name: "close-then-keep-open",
    phase: "end",
    needs: "wire",
    isLast: true,
    arguments: [optional(CODE)],
    sentence:
      "Sends a CLOSE with 1000 or this code, and leaves TCP open until the client ends it.",
    example: "close-then-keep-open",
    client: "Answers, and ends TCP after its own time limit.",
    section: "RFC 6455 §7.1.1",
    suites: ["okhttp", "ws", "undici", "dotnet"],
    run(run, [code = 1000]) {
      writeClose(run, code);
      return run.wire.ended();
    },
  }),
  step({
    name: "half-close",
    phase: "end",
    needs: "wire",
    endsOutput: true,
    arguments: [],
    sentence: "Ends the output with FIN, and continues to read.",
    example: "text:last/half-close",
    client: "Reports 1006 and ends TCP.",
    section: "RFC 6455 §7.1.5",
    suites: ["ws", "undici"],
    run: (run) => run.wire.closeWrite(),
  }),
  step({
    name: "abort",
    phase: "end",
    needs: "frame",
    isLast: true,
    arguments: [],
    sentence: "Ends TCP with FIN, without a CLOSE.",
    example: "text:last/abort",
    client: "Reports 1006.",
    section: "RFC 6455 §7.1.5",
    suites: ["web-platform-tests", "okhttp", "undici", "ws", "dotnet"],
    run: (run) => run.endpoint.abort(),
  }),
  step({
    name: "reset",
    phase: "end",
    needs: "wire",
    isLast: true,
    arguments: [],
    sentence:
      "Ends TCP with RST, as far as the system can; a PING asks for the data that this needs.",
    example: "text:last/reset",
    client: "Reports 1006.",
    section: "RFC 6455 §7.1.5",
    suites: ["okhttp", "ws", "undici"],
    run: (run) => run.wire.reset(),
  }),
];
