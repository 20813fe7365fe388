/**
 * The server library: a WebSocket server on Deno, the counterpart of ESP-IDF's
 * `esp_http_server`.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({
 *   routes: {
 *     "/shout": {
 *       frame: (connection, frame) => connection.send(frame.text().toUpperCase()),
 *     },
 *   },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * const socket = new WebSocket(`${server.urls.frame}/shout`);
 * socket.onopen = () => socket.send("hello");
 * const { data } = await new Promise<MessageEvent>((resolve) => {
 *   socket.onmessage = resolve;
 * });
 * assertEquals(data, "HELLO");
 * socket.close();
 * ```
 *
 * @module
 */

export { BusError } from "./cluster/bus/error.ts";
export { WorkersError } from "./cluster/workers/error.ts";
export { type Config, readConfig } from "./config/config.ts";
export { ConfigError } from "./config/error.ts";
export type { SettingOptions } from "./config/options.ts";
export { OptionsError } from "./config/options_error.ts";
export type { ServerConfig } from "./config/server_config.ts";
export type { Env } from "./config/settings.ts";
export { StartError } from "./config/start_error.ts";
export type { ErrorHandler, ErrorHandlers } from "./listener/refusal.ts";
export { flushLog, type LogOptions, setupLog } from "./log/log.ts";
export type { Figures } from "./metrics/metrics.ts";
export type { ThreadMetrics } from "./metrics/thread_metrics.ts";
export type { ProcessMemory } from "./memory/unexplained.ts";
export {
  ConnectionClosedError,
  FragmentOrderError,
  InvalidPayloadError,
  NotSupportedError,
} from "./protocol/errors.ts";
export type { HttpError } from "./protocol/http_error.ts";
export {
  DuplicateRouteError,
  RouteError,
  UnknownRouteError,
} from "./routing/error.ts";
export type {
  AnyWebSocketHandler,
  HttpHandler,
  HttpInfo,
  HttpRoute,
  MixedRoute,
  Route,
  Routes,
} from "./routing/router.ts";
export type { RouteContext } from "./server/assemble.ts";
export type { DrainOptions } from "./server/drain.ts";
export type { ListenerInfo } from "./server/listeners.ts";
export { serve } from "./server/serve.ts";
export type { RoutesOf, ServeOptions } from "./server/serve_options.ts";
export type {
  Server,
  ShutdownOptions,
  ShutdownOutcome,
} from "./server/server.ts";
export type { ServerRoutes } from "./server/server_routes.ts";
export type { ServerSessions } from "./server/server_sessions.ts";
export type { Addresses, Urls } from "./server/urls.ts";
export type {
  CloseOutcome,
  RemoteSessions,
  SendCounts,
  SendOutcome,
  SessionInfo,
  SessionList,
  SessionMessage,
  Volume,
} from "./sessions/remote_sessions.ts";
export type { SessionTarget } from "./sessions/session_target.ts";
export type { LevelName } from "./std/log.ts";
export { SettingError } from "./errors/setting.ts";
export { TlsError } from "./tls/error.ts";
export type { TlsFiles } from "./tls/identity.ts";
export type {
  Capabilities,
  CloseEventInfo,
  Connection,
  Frame,
  HandshakeExtras,
  HandshakeInfo,
  HandshakeResult,
  ListenerName,
  Opcode,
  PathParams,
  SendOptions,
  Traffic,
  WebSocketHandler,
} from "./websocket.ts";
export type { Wire, WireClosing, WireTap } from "./wire.ts";
export { type Work, WorkQueueFullError } from "./work_queue.ts";
