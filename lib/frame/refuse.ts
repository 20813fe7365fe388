/**
 * Answers that end the socket, and the report of every answer to the observer.
 *
 * @module
 */

import { logRefusal } from "../listener/connection_log.ts";
import type { Observer } from "../observer.ts";
import { type HttpError, httpErrorResponse } from "../protocol/http_error.ts";
import type { FrameContext } from "./context.ts";
import { closingResponse } from "./response.ts";
import { bufferPool, type ReceiveBuffer } from "./transport/buffer_pool.ts";
import { lingeringClose } from "./transport/lingering_close.ts";
import type { Socket } from "./transport/socket.ts";

/** Stands for a head that could not be read: no `Accept` is known. */
const NO_HEAD = { headers: { get: () => null } };

/**
 * Makes the response to a client whose request head was not read, and logs the refusal.
 *
 * @param context the listener's parts
 * @param socket the client's
 * @param error the reason
 */
export function headlessRefusal(
  { service }: FrameContext,
  { remoteAddr }: Socket,
  error: HttpError,
): Response {
  const request = { listener: "frame", remoteAddr } as const;
  logRefusal(service, request, error.status, error.message);
  return httpErrorResponse(NO_HEAD, error);
}

/** The known parts of a request when it is answered. */
export interface ObservedRequest {
  /** The method; `""` where no head was read. */
  readonly method: string;
  /** The matched route's path, if any. */
  readonly path?: string | undefined;
  /** `performance.now()` when the head had been read, if it was. */
  readonly start?: number;
  /**
   * False where an HTTP handler answers.
   * @default true
   */
  readonly isHandshake?: boolean;
}

/**
 * Reports the answer to a request.
 *
 * @param observer gets the report
 * @param request the request
 * @param status the answer's status
 */
export function reportAnswer(
  observer: Observer,
  { method, path, start, isHandshake = true }: ObservedRequest,
  status: number,
): void {
  observer.answered({
    listener: "frame",
    method,
    path,
    isHandshake,
    status,
    seconds: start === undefined ? 0 : (performance.now() - start) / 1000,
  });
}

/**
 * Sends a response and closes the socket after it.
 *
 * @param observer gets the report
 * @param socket may be reading into the buffer
 * @param buffer is given back to the pool
 * @param response the response
 * @param request the request, where its head was read
 * @returns resolves when the socket is closed
 */
export async function refuse(
  observer: Observer,
  socket: Socket,
  buffer: ReceiveBuffer,
  response: Response,
  request: ObservedRequest = { method: "" },
): Promise<void> {
  reportAnswer(observer, request, response.status);
  const bytes = await closingResponse(response, request.method).catch(
    (error) => {
      bufferPool.give(buffer);
      throw error;
    },
  );
  await lingeringClose(socket, buffer, bytes);
}
