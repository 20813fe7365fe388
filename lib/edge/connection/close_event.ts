/**
 * The end of a connection as the runtime reports it, in the terms of RFC 6455.
 *
 * @module
 */

import { CLOSE_CODE } from "../../protocol/close_code.ts";
import { EdgeMessage } from "./message.ts";

const encoder = new TextEncoder();

/**
 * The close code: the runtime reports 0 where RFC 6455 §7.1.5 has 1006.
 *
 * @param event the socket's close event
 */
export function closeCode(event: CloseEvent): number {
  return event.code === 0 ? CLOSE_CODE.abnormal : event.code;
}

/**
 * Whether the runtime's keep-alive has dropped a silent client: its event has 1001
 * although no CLOSE came (seen in Deno 2.9.6).
 *
 * @param event the socket's close event
 */
export function isKeepAliveDrop({ code, wasClean }: CloseEvent): boolean {
  return code === CLOSE_CODE.goingAway && !wasClean;
}

/**
 * The CLOSE frame that the runtime received and answered. Its reason may be longer
 * than one that may be sent: the runtime accepts that.
 *
 * @param code the close code
 * @param reason the close reason
 */
export function closeFrame(code: number, reason: string): EdgeMessage {
  if (code === CLOSE_CODE.noStatus) {
    return new EdgeMessage(new ArrayBuffer(0), "close");
  }
  const payload = encoder.encode(`..${reason}`);
  payload[0] = code >> 8;
  payload[1] = code & 0xff;
  return new EdgeMessage(payload.buffer, "close");
}
