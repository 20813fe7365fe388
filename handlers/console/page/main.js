/**
 * The console page: creates its parts and connects them.
 *
 * @module
 */

import { describeClose } from "./connection/close_codes.js";
import { ConnectPanel } from "./connection/connect_panel.js";
import { explainFailure } from "./connection/explain_failure.js";
import { masked } from "./connection/secrets.js";
import { Session } from "./connection/session.js";
import { fromFragment, toFragment } from "./connection/setup.js";
import { byId, setText } from "./dom.js";
import { Charts } from "./measurement/charts.js";
import { Echoes, replyTo } from "./measurement/echoes.js";
import { Rates, Samples } from "./measurement/statistics.js";
import { SendPanel } from "./sending/send_panel.js";
import { readConfig } from "./server/config.js";
import { ServerPanel } from "./server/server_panel.js";
import { utf8Length } from "./text/bytes.js";
import { describeFrame, readReport } from "./timeline/frame_report.js";
import { Timeline } from "./timeline/timeline.js";
import { TimelinePanel } from "./timeline/timeline_panel.js";

/** @import { State } from "./connection/session.js" */
/** @import { ReportedFrame } from "./timeline/frame_report.js" */
/** @import { Kind } from "./timeline/timeline.js" */

/** Milliseconds from the last change of the set-up to the update of the page's URL. */
const LINK_DELAY = 250;

/** Seconds that the chart of message rates covers. */
const RATE_WINDOW = 60;

const SENT = 0;
const RECEIVED = 1;

/** @type {Readonly<Record<State, string>>} */
const STATE_TEXT = {
  idle: "Not connected",
  connecting: "Connecting…",
  open: "Connected",
  closing: "Closing…",
  closed: "Closed",
  failed: "Failed",
};

const config = await readConfig().catch((error) => {
  setText(
    byId("state-text", HTMLElement),
    `The console cannot start: ${error.message}`,
  );
  throw error;
});
const setup = fromFragment(location.hash);
const timeline = new Timeline();
const echoes = new Echoes();
const samples = new Samples();
const rates = new Rates(2, RATE_WINDOW);
let linkTimer = 0;
/** The set-up of the current connection. */
let connected = { ...setup, address: "" };

const session = new Session({
  changed: showState,
  opened(socket) {
    const { protocol, extensions } = socket;
    const parts = [`Connected to ${masked(connected.address)}`];
    if (protocol !== "") parts.push(`subprotocol ${protocol}`);
    if (extensions !== "") parts.push(`extensions ${extensions}`);
    addEvent("open", parts.join(", "));
  },
  received(data) {
    const now = performance.now();
    const rtt = echoes.received(data, now);
    rates.add(RECEIVED, Date.now());
    const report = rtt === undefined && connected.server !== "other"
      ? readReport(data)
      : undefined;
    if (report === undefined) addMessage("received", data, now, rtt);
    else report.forEach((frame) => addFrame(frame, now));
    if (rtt !== undefined) {
      samples.add((performance.timeOrigin + now) / 1000, rtt);
      charts.changed();
    }
  },
  cancelled() {
    addEvent("close", "Closed before the handshake completed");
  },
  async closed(event, opened) {
    if (opened) return addEvent("close", describeClose(event));
    const failed = connected;
    const own = failed.server !== "other";
    const reason = await explainFailure(failed.address, own);
    addEvent("error", reason);
    // A newer connection may exist by now.
    if (connected === failed) connectPanel.explain(reason);
  },
});

const timelinePanel = new TimelinePanel(timeline);
const charts = new Charts(samples, rates);
const connectPanel = new ConnectPanel(config, setup, {
  changed: updateLink,
  connect(address, protocols) {
    connected = { ...setup, address };
    echoes.clear();
    connectPanel.explain("");
    session.connect(address, protocols);
  },
  disconnect: () => session.close(),
  link,
});
const sendPanel = new SendPanel(setup, {
  changed: updateLink,
  send,
  buffered: () => session.bufferedAmount,
  close: (code, reason) => session.close(code, reason),
});
new ServerPanel(config);
showState("idle");
// Removes secrets that the link contained from the address bar and the history.
if (location.hash !== "") history.replaceState(null, "", link());

/** @param {string | Uint8Array<ArrayBuffer>} data */
function send(data) {
  const reply = replyTo(data, connected);
  // Read before the send: delays inside the browser are part of the round trip.
  const now = performance.now();
  session.send(data);
  if (reply !== undefined) echoes.sent(reply, now);
  rates.add(SENT, Date.now());
  addMessage("sent", data, now);
}

/**
 * @param {Kind} kind
 * @param {string | Uint8Array} data
 * @param {number} now
 * @param {number} [rtt]
 */
function addMessage(kind, data, now, rtt) {
  const isText = typeof data === "string";
  timeline.add({
    at: performance.timeOrigin + now,
    kind,
    opcode: isText ? "text" : "binary",
    size: isText ? utf8Length(data) : data.length,
    data,
    ...(rtt === undefined ? {} : { rtt }),
  });
  timelinePanel.changed();
}

/**
 * @param {ReportedFrame} frame
 * @param {number} now
 */
function addFrame(frame, now) {
  timeline.add({
    at: performance.timeOrigin + now,
    kind: "frame",
    opcode: frame.opcode,
    size: frame.length,
    data: describeFrame(frame),
    frame,
  });
  timelinePanel.changed();
}

/**
 * @param {string} opcode
 * @param {string} data
 */
function addEvent(opcode, data) {
  timeline.add({ at: Date.now(), kind: "event", opcode, size: 0, data });
  timelinePanel.changed();
}

/** @param {State} state */
function showState(state) {
  const where = state === "open" ? `to ${new URL(connected.address).host}` : "";
  byId("state", HTMLElement).dataset.state = state;
  setText(byId("state-text", HTMLElement), STATE_TEXT[state]);
  setText(byId("state-where", HTMLElement), where);
  connectPanel.show(state);
  sendPanel.show(state);
  timelinePanel.setEmptyText(
    state === "open"
      ? "Connected. Messages and events appear here."
      : "Not connected. The messages and events of a connection appear here.",
  );
}

/** The page's URL with the set-up as its fragment. */
function link() {
  const fragment = toFragment(setup, connectPanel.route?.parameters ?? []);
  const { origin, pathname, search } = location;
  return origin + pathname + search + (fragment === "" ? "" : `#${fragment}`);
}

/**
 * Writes the set-up to the page's URL after a pause; browsers limit the rate of
 * `history.replaceState()`.
 */
function updateLink() {
  clearTimeout(linkTimer);
  linkTimer = setTimeout(
    () => history.replaceState(null, "", link()),
    LINK_DELAY,
  );
}
