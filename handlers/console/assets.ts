/**
 * The assets of the console: the unmodified files of `page/`, and uPlot.
 *
 * Imports as text need no permission to read files at run time, and `--watch`
 * sees changes of the files.
 *
 * @module
 */

import chartLicense from "uplot/LICENSE" with { type: "text" };
import chartScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import chartStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import addressJs from "./page/connection/address.js" with { type: "text" };
import closeCodesJs from "./page/connection/close_codes.js" with {
  type: "text",
};
import connectPanelJs from "./page/connection/connect_panel.js" with {
  type: "text",
};
import explainFailureJs from "./page/connection/explain_failure.js" with {
  type: "text",
};
import parameterFormJs from "./page/connection/parameter_form.js" with {
  type: "text",
};
import secretsJs from "./page/connection/secrets.js" with { type: "text" };
import sessionJs from "./page/connection/session.js" with { type: "text" };
import setupJs from "./page/connection/setup.js" with { type: "text" };
import domJs from "./page/dom.js" with { type: "text" };
import iconSvg from "./page/icon.svg" with { type: "text" };
import indexHtml from "./page/index.html" with { type: "text" };
import mainJs from "./page/main.js" with { type: "text" };
import chartJs from "./page/measurement/chart.js" with { type: "text" };
import chartsJs from "./page/measurement/charts.js" with { type: "text" };
import echoesJs from "./page/measurement/echoes.js" with { type: "text" };
import statisticsJs from "./page/measurement/statistics.js" with {
  type: "text",
};
import payloadJs from "./page/sending/payload.js" with { type: "text" };
import repeatJs from "./page/sending/repeat.js" with { type: "text" };
import sendPanelJs from "./page/sending/send_panel.js" with { type: "text" };
import configJs from "./page/server/config.js" with { type: "text" };
import parametersJs from "./page/server/parameters.js" with { type: "text" };
import serverPanelJs from "./page/server/server_panel.js" with { type: "text" };
import styleCss from "./page/style.css" with { type: "text" };
import bytesJs from "./page/text/bytes.js" with { type: "text" };
import formatJs from "./page/text/format.js" with { type: "text" };
import detailJs from "./page/timeline/detail.js" with { type: "text" };
import frameReportJs from "./page/timeline/frame_report.js" with {
  type: "text",
};
import rowJs from "./page/timeline/row.js" with { type: "text" };
import timelineJs from "./page/timeline/timeline.js" with { type: "text" };
import timelinePanelJs from "./page/timeline/timeline_panel.js" with {
  type: "text",
};
import virtualListJs from "./page/timeline/virtual_list.js" with {
  type: "text",
};

/** A file and its media type. */
export interface Asset {
  /** Value of `Content-Type`. */
  readonly type: string;
  /** Content. */
  readonly text: string;
}

const TYPE: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
};

/** The MIT licence requires its text in every copy of uPlot. */
const NOTICE = `/*!\n${chartLicense}*/\n`;

const TEXT: Readonly<Record<string, string>> = {
  "connection/address.js": addressJs,
  "connection/close_codes.js": closeCodesJs,
  "connection/connect_panel.js": connectPanelJs,
  "connection/explain_failure.js": explainFailureJs,
  "connection/parameter_form.js": parameterFormJs,
  "connection/secrets.js": secretsJs,
  "connection/session.js": sessionJs,
  "connection/setup.js": setupJs,
  "dom.js": domJs,
  "icon.svg": iconSvg,
  "index.html": indexHtml,
  "main.js": mainJs,
  "measurement/chart.js": chartJs,
  "measurement/charts.js": chartsJs,
  "measurement/echoes.js": echoesJs,
  "measurement/statistics.js": statisticsJs,
  "sending/payload.js": payloadJs,
  "sending/repeat.js": repeatJs,
  "sending/send_panel.js": sendPanelJs,
  "server/config.js": configJs,
  "server/parameters.js": parametersJs,
  "server/server_panel.js": serverPanelJs,
  "style.css": styleCss,
  "text/bytes.js": bytesJs,
  "text/format.js": formatJs,
  "timeline/detail.js": detailJs,
  "timeline/frame_report.js": frameReportJs,
  "timeline/row.js": rowJs,
  "timeline/timeline.js": timelineJs,
  "timeline/timeline_panel.js": timelinePanelJs,
  "timeline/virtual_list.js": virtualListJs,
  // The build for a script tag, with an export that makes it a module.
  "uplot.js": `${NOTICE}${chartScript}\nexport default uPlot;\n`,
  "uplot.css": NOTICE + chartStyle,
};

/** Every asset by its path below `/console/`. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map(
  Object.entries(TEXT).map(([path, text]) => [
    path,
    { type: TYPE[path.slice(path.lastIndexOf(".") + 1)]!, text },
  ]),
);
