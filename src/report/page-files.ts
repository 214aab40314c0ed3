/** The page's own style and script, one file per idea, in the order in which they stand on each other. */

import arms from "./page/arms.js" with { type: "text" };
import chart from "./page/chart.js" with { type: "text" };
import chartsStyle from "./page/charts.css" with { type: "text" };
import charts from "./page/charts.js" with { type: "text" };
import coloursStyle from "./page/colours.css" with { type: "text" };
import controlsStyle from "./page/controls.css" with { type: "text" };
import curves from "./page/curves.js" with { type: "text" };
import entropy from "./page/entropy.js" with { type: "text" };
import overflow from "./page/overflow.js" with { type: "text" };
import pageStyle from "./page/page.css" with { type: "text" };
import page from "./page/page.js" with { type: "text" };
import tablesStyle from "./page/tables.css" with { type: "text" };
import turn from "./page/turn.js" with { type: "text" };
import verdict from "./page/verdict.js" with { type: "text" };
import viewerStyle from "./page/viewer.css" with { type: "text" };
import viewer from "./page/viewer.js" with { type: "text" };

export const PAGE_STYLE = [
  coloursStyle,
  pageStyle,
  tablesStyle,
  controlsStyle,
  chartsStyle,
  viewerStyle,
].join("\n");

/**
 * One script out of modules: an editor and the linter see what a file needs of the others, the browser sees the files one
 * after the other.
 */
export const PAGE_SCRIPT = [
  '"use strict";',
  ...[page, arms, chart, curves, entropy, charts, overflow, verdict, turn, viewer].map((module) =>
    module.replace(/^import [^;]*;\n/gm, "").replace(/^export /gm, ""),
  ),
].join("\n");
