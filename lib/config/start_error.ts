/**
 * The error for a failed start.
 *
 * @module
 */

import {
  messageOf,
  type NameOf,
  SettingError,
  type SettingMessage,
} from "../errors/setting.ts";

/**
 * The start failed; the message is one line, which names a setting by its option. The
 * cause is the error of the runtime.
 *
 * @example
 * ```ts
 * import { serve, StartError } from "@ws-echo/server";
 * import { assert, assertRejects } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const { port } = server.addresses.edge;
 * const error = await assertRejects(
 *   () => serve({ routes: {}, host: "127.0.0.1", port }),
 *   StartError,
 *   "is in use",
 * );
 * assert(error.cause instanceof Deno.errors.AddrInUse);
 * ```
 */
export class StartError extends SettingError {
  /** The class's name. */
  override readonly name = "StartError";
}

/**
 * Runs a step of the start.
 *
 * @param subject the setting or part that an error is about
 * @param step the step
 * @returns the result of the step
 * @throws {StartError} the step's error, with the subject in front
 */
export function startStep<T>(subject: SettingMessage, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw new StartError(
      (nameOf) => `${messageOf(subject, nameOf)}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/** The address of a listener, and the setting of its port. */
export interface ListenAddress {
  /** The setting of the port. */
  readonly variable: "PORT" | "FRAME_PORT";
  /** The value of `HOST`. */
  readonly hostname: string;
  /** The value of the variable. */
  readonly port: number;
}

/**
 * Opens a listener.
 *
 * @param address the address
 * @param listen opens the listener
 * @returns the result of `listen`
 * @throws {StartError} the error of `listen`, with the setting that causes it in front
 */
export function startListening<T>(
  address: ListenAddress,
  listen: () => T,
): T {
  try {
    return listen();
  } catch (error) {
    throw new StartError((nameOf) => listenFault(error, address, nameOf), {
      cause: error,
    });
  }
}

/** The operating system's message for EAFNOSUPPORT, which has no error class. */
const NO_ADDRESS_FAMILY = /address family/i;

/** The messages of getaddrinfo, which have no error class. */
const NO_SUCH_NAME = /failed to lookup address|no addresses|resolve/i;

function listenFault(
  error: unknown,
  { variable, hostname, port }: ListenAddress,
  nameOf: NameOf,
): string {
  const { errors } = Deno;
  const message = reasonOf(error);
  const host = `${nameOf("HOST")}=${hostname}`;
  const setting = `${nameOf(variable)}=${port}`;
  if (error instanceof errors.AddrInUse) return `${setting} is in use`;
  if (error instanceof errors.PermissionDenied) {
    return `${setting} is a port that this user may not listen on`;
  }
  if (error instanceof errors.NotCapable) {
    return `${host} is not permitted: start with \`deno task start\`, or with --allow-net`;
  }
  if (error instanceof errors.AddrNotAvailable) {
    return `${host} is no address of this machine`;
  }
  if (NO_ADDRESS_FAMILY.test(message)) {
    return `${host} is of an address family that this machine does not have`;
  }
  if (NO_SUCH_NAME.test(message)) {
    return `${host} cannot be resolved (${message})`;
  }
  return `${setting}, ${host}: the listener cannot be opened (${message})`;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s+/g, " ");
}
