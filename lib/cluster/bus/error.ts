/**
 * The error for a bus that cannot be used.
 *
 * @module
 */

import { SettingError } from "../../errors/setting.ts";

/** The bus cannot be used; the message is one line. */
export class BusError extends SettingError {
  /** The class's name. */
  override readonly name = "BusError";
}
