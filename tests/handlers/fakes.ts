/**
 * The arguments of handlers, and a captured log. `lib/testing` has the fakes of
 * connections and frames.
 *
 * @module
 */

import { BaseHandler, type LevelName, type LogRecord, setup } from "@std/log";
import { LogFields } from "../../lib/log/fields.ts";
import { setupLog, TAGS } from "../../lib/log/log.ts";
import {
  httpErrorResponse,
  RefusedError,
} from "../../lib/protocol/http_error.ts";
import type { HttpHandler, HttpInfo } from "../../lib/routing/router.ts";
import type { HandshakeInfo } from "../../lib/websocket.ts";

/** The remote address of all fakes. */
export const REMOTE_ADDR: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 50000,
};

/** The second argument of a handler's `handshake`. */
export const HANDSHAKE_INFO: HandshakeInfo = {
  listener: "edge",
  remoteAddr: REMOTE_ADDR,
  protocol: "",
  params: {},
  requestHead: undefined,
};

/** The second argument of an HTTP handler. */
export const HTTP_INFO: HttpInfo = {
  listener: "edge",
  remoteAddr: REMOTE_ADDR,
  params: {},
};

/** Calls an HTTP handler as the listeners do: a refusal becomes its response. */
export function answerOf(
  handler: HttpHandler,
  request: Request,
  info: HttpInfo = HTTP_INFO,
): Promise<Response> {
  return answerTo(request, () => handler(request, info));
}

/** Calls a method of a handler as the listeners do: a refusal becomes its response. */
export async function answerTo<T>(
  request: Request,
  call: () => T | Promise<T>,
): Promise<T | Response> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return httpErrorResponse(request, error.answer);
  }
}

/** Captures the lines of the log until it is disposed. */
export class LogCapture implements Disposable {
  /** `LEVEL tag: message arguments`, oldest first. */
  readonly lines: string[] = [];

  constructor(level: LevelName) {
    setupLog({ level, format: "text", colors: false });
    setup({
      handlers: { capture: new CaptureHandler(this.lines) },
      loggers: Object.fromEntries(
        [...TAGS, "default"].map((
          tag,
        ) => [tag, { level, handlers: ["capture"] }]),
      ),
    });
  }

  [Symbol.dispose](): void {
    setupLog({ level: "INFO", format: "text", colors: false });
    setup({});
  }
}

class CaptureHandler extends BaseHandler {
  readonly #lines: string[];

  constructor(lines: string[]) {
    super("NOTSET", { formatter: line });
    this.#lines = lines;
  }

  override log(text: string): void {
    this.#lines.push(text);
  }
}

/** Leaves out the fields after the message. */
function line({ levelName, loggerName, msg, args }: LogRecord): string {
  const texts = args
    .map((arg) => arg instanceof LogFields ? arg.message : String(arg))
    .filter((text) => text !== "");
  return [`${levelName} ${loggerName}: ${msg}`, ...texts].join(" ");
}
