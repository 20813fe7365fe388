/**
 * Results for the tests of the reports.
 *
 * @module
 */

import type {
  CaseResult,
  EndState,
} from "../../../../lib/conformance/case/result.ts";
import { caseById } from "../../../../lib/conformance/cases.ts";

/** The end of a connection that the engine has closed as it should. */
export const CLEAN: EndState = {
  closedByMe: true,
  failedByMe: false,
  droppedByMe: true,
  wasClean: true,
  wasNotCleanReason: null,
  wasServerConnectionDropTimeout: false,
  wasOpenHandshakeTimeout: false,
  wasCloseHandshakeTimeout: false,
  localCloseCode: 1000,
  localCloseReason: null,
  remoteCloseCode: 1000,
  remoteCloseReason: null,
};

/**
 * Makes a result of a case that has passed.
 *
 * @param id of the case
 * @param changes fields that differ
 */
export function resultOf(
  id: string,
  changes: Partial<CaseResult> = {},
): CaseResult {
  return {
    case: caseById(id)!,
    agent: "client",
    role: "server",
    started: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    duration: 12,
    behavior: "OK",
    result: "The received events are the expected ones.",
    behaviorClose: "OK",
    resultClose: "The connection ended as it should.",
    received: [],
    end: CLEAN,
    httpRequest: "GET /runCase HTTP/1.1\r\nHost: localhost\r\n\r\n",
    httpResponse: "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    wireLog: [],
    omitted: 0,
    statistics: {
      rxOctetStats: { 8: 1 },
      txOctetStats: { 4: 1 },
      rxFrameStats: { 8: 1 },
      txFrameStats: { 8: 1 },
    },
    ...changes,
  };
}
