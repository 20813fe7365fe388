import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FIN } from "../../lib/frame/codec/header.ts";
import { Output } from "../../lib/frame/transport/output.ts";
import { concat, frame, OPCODE } from "../conformance/wire.ts";
import { payload } from "./arbitraries.ts";
import { check } from "./check.ts";

Deno.test("Output gives the appended frames in order, and counts their bytes", () => {
  const step = fc.oneof(
    payload.map((payload) => ({ kind: "frame" as const, payload })),
    payload.map((payload) => ({ kind: "raw" as const, payload })),
    fc.nat().map((count) => ({ kind: "take" as const, count })),
  );
  check(
    4,
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const output = new Output();
      const appended: Uint8Array[] = [];
      const taken: Uint8Array[] = [];
      let waiting = 0;
      const take = () => {
        const bytes = output.take(new Uint8Array(0));
        taken.push(bytes.slice());
        for (let left = bytes.length; left > 0;) {
          const count = Math.ceil(left / 2);
          output.wrote(count);
          left -= count;
          waiting -= count;
          assertEquals(output.length, waiting);
        }
      };
      for (const step of steps) {
        if (step.kind === "take") take();
        else {
          const { kind, payload } = step;
          const bytes = kind === "raw"
            ? payload
            : frame(OPCODE.binary, payload, { mask: "none" });
          if (kind === "raw") output.appendRaw(payload);
          else output.append(FIN | OPCODE.binary, payload);
          appended.push(bytes);
          waiting += bytes.length;
        }
        assertEquals(output.length, waiting);
        assertEquals(output.isEmpty, waiting === 0);
      }
      take();
      assertEquals(concat(...taken), concat(...appended));
    }),
  );
});
