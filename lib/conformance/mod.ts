/**
 * The cases of the Autobahn test suite, for clients and for servers.
 *
 * @module
 */

export type {
  Case,
  CaseEntry,
  ClosingRule,
  Exchange,
  ExpectedEvent,
  FrameStep,
  LargeMessage,
  LastRule,
  Program,
  RoundTrips,
  SampleName,
  Step,
} from "./case/case.ts";
export { caseById, CASES, FAMILIES, type Family } from "./cases.ts";
export {
  acceptDeflate,
  type AcceptedDeflate,
  deflateOffers,
  type DeflateParameters,
  type DeflateRequest,
} from "./case/deflate_parameters.ts";
export type { Duplex } from "./engine/duplex.ts";
export { type Run, runCase } from "./run.ts";
export type { LogEntry } from "./case/log_entry.ts";
export {
  caseReport,
  type Index,
  type IndexEntry,
  indexReport,
  reportFile,
} from "./reports/suite_report.ts";
export type {
  Behavior,
  BehaviorClose,
  CaseResult,
  EndState,
  ReceivedEvent,
  Role,
  Statistics,
  Traffic,
} from "./case/result.ts";
export { ResultStore, type ResultStoreOptions } from "./result_store.ts";
export {
  PatternError,
  type Patterns,
  selectCases,
  splitPatterns,
} from "./selection.ts";
export { serveCase } from "./serve_case.ts";
export { type ServerTestOptions, testServer } from "./server_tests.ts";
