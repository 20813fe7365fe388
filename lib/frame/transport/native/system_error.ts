/**
 * Errors of system calls as the runtime's errors.
 *
 * @module
 */

import { EACCES, EADDRINUSE, EADDRNOTAVAIL } from "./constants.ts";

/**
 * Makes the error that the runtime would throw.
 *
 * @param call the system call
 * @param code its error number
 */
export function systemError(call: string, code: number): Error {
  const message = `${call} failed (os error ${code})`;
  switch (code) {
    case EACCES:
      return new Deno.errors.PermissionDenied(message);
    case EADDRINUSE:
      return new Deno.errors.AddrInUse(message);
    case EADDRNOTAVAIL:
      return new Deno.errors.AddrNotAvailable(message);
    default:
      return new Error(message);
  }
}
