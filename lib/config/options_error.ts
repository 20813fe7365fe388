/**
 * The error for an invalid option.
 *
 * @module
 */

/**
 * An option of a server is unknown, missing or has an invalid value.
 *
 * @example
 * ```ts
 * import { OptionsError, serve } from "@ws-echo/server";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(
 *   () => serve({ routes: {}, maxPayload: -1 }),
 *   OptionsError,
 * );
 * assertEquals(error.option, "maxPayload");
 * ```
 */
export class OptionsError extends TypeError {
  /** The class's name. */
  override readonly name = "OptionsError";
  /** Name of the option. */
  readonly option: string;

  /**
   * Writes the message, which begins with the option's name.
   *
   * @param option name of the option
   * @param fault the rest of the sentence
   */
  constructor(option: string, fault: string) {
    super(`${option} ${fault}`);
    this.option = option;
  }
}
