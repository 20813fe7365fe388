/**
 * The error for threads that cannot start.
 *
 * @module
 */

import { SettingError } from "../../errors/setting.ts";

/** The threads cannot start; the message is one line. */
export class WorkersError extends SettingError {
  /** The class's name. */
  override readonly name = "WorkersError";
}
