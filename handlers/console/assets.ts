/**
 * What the console is made of: the files of `page/` as they are, and uPlot.
 *
 * They are imported as text, so that serving them takes no permission to read
 * files, and a change shows under `--watch`.
 *
 * @module
 */

import chartLicense from "uplot/LICENSE" with { type: "text" };
import chartScript from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import chartStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import bytesJs from "./page/bytes.js" with { type: "text" };
import chartsJs from "./page/charts.js" with { type: "text" };
import closeJs from "./page/close.js" with { type: "text" };
import configJs from "./page/config.js" with { type: "text" };
import connectPanelJs from "./page/connect_panel.js" with { type: "text" };
import detailJs from "./page/detail.js" with { type: "text" };
import domJs from "./page/dom.js" with { type: "text" };
import echoesJs from "./page/echoes.js" with { type: "text" };
import explainJs from "./page/explain.js" with { type: "text" };
import formatJs from "./page/format.js" with { type: "text" };
import frameReportJs from "./page/frame_report.js" with { type: "text" };
import iconSvg from "./page/icon.svg" with { type: "text" };
import indexHtml from "./page/index.html" with { type: "text" };
import mainJs from "./page/main.js" with { type: "text" };
import parameterFormJs from "./page/parameter_form.js" with { type: "text" };
import parametersJs from "./page/parameters.js" with { type: "text" };
import payloadJs from "./page/payload.js" with { type: "text" };
import repeaterJs from "./page/repeater.js" with { type: "text" };
import sendPanelJs from "./page/send_panel.js" with { type: "text" };
import serverPanelJs from "./page/server_panel.js" with { type: "text" };
import sessionJs from "./page/session.js" with { type: "text" };
import setupJs from "./page/setup.js" with { type: "text" };
import statsJs from "./page/stats.js" with { type: "text" };
import styleCss from "./page/style.css" with { type: "text" };
import timelineJs from "./page/timeline.js" with { type: "text" };
import timelinePanelJs from "./page/timeline_panel.js" with { type: "text" };
import virtualListJs from "./page/virtual_list.js" with { type: "text" };

/** A file as it is served. */
export interface Asset {
  /** Its media type. */
  readonly type: string;
  /** Its content. */
  readonly text: string;
}

const TYPE: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
};

/** uPlot asks for its licence to go with every copy. */
const NOTICE = `/*!\n${chartLicense}*/\n`;

const TEXT: Readonly<Record<string, string>> = {
  "bytes.js": bytesJs,
  "charts.js": chartsJs,
  "close.js": closeJs,
  "config.js": configJs,
  "connect_panel.js": connectPanelJs,
  "detail.js": detailJs,
  "dom.js": domJs,
  "echoes.js": echoesJs,
  "explain.js": explainJs,
  "format.js": formatJs,
  "frame_report.js": frameReportJs,
  "icon.svg": iconSvg,
  "index.html": indexHtml,
  "main.js": mainJs,
  "parameter_form.js": parameterFormJs,
  "parameters.js": parametersJs,
  "payload.js": payloadJs,
  "repeater.js": repeaterJs,
  "send_panel.js": sendPanelJs,
  "server_panel.js": serverPanelJs,
  "session.js": sessionJs,
  "setup.js": setupJs,
  "stats.js": statsJs,
  "style.css": styleCss,
  "timeline.js": timelineJs,
  "timeline_panel.js": timelinePanelJs,
  "virtual_list.js": virtualListJs,
  // uPlot's build for a script tag, as a module.
  "uplot.js": `${NOTICE}${chartScript}\nexport default uPlot;\n`,
  "uplot.css": NOTICE + chartStyle,
};

/** Every file by its name. */
export const ASSETS: ReadonlyMap<string, Asset> = new Map(
  Object.entries(TEXT).map(([name, text]) => [
    name,
    { type: TYPE[name.slice(name.lastIndexOf(".") + 1)]!, text },
  ]),
);
