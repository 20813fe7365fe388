/**
 * The error for an unusable certificate or key.
 *
 * @module
 */

import { SettingError } from "../errors/setting.ts";

/** A certificate or key is unusable; the message is one line. */
export class TlsError extends SettingError {
  /** The class's name. */
  override readonly name = "TlsError";
}
