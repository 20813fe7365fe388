import { runs } from "../long.ts";
import { fuzz } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";

/** Inputs per target. */
const INPUTS = runs(3000, 50_000);

for (const target of TARGETS) {
  Deno.test(`${target.name}: no input fails of ${INPUTS} mutated ones`, () => {
    let left = INPUTS;
    const failure = fuzz(target, 1, () => left-- > 0);
    if (failure !== undefined) {
      throw new Error(`input (hex): ${failure.input.toHex()}`, {
        cause: failure.error,
      });
    }
  });
}
