// A chart on paper: the option that the browser draws on canvas, drawn to SVG in an engine without
// a page (crates/export). The same parts, formats and shapes as in charts.js.

import "./shims.js";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { CORE_PARTS } from "./core.js";
import { install as installKinds } from "./kinds.js";
import { revive } from "./revive.js";
import { whole, written } from "./svg.js";
import { install as installWorld } from "./world.js";

echarts.use([...CORE_PARTS, SVGRenderer]);
installKinds(echarts);
installWorld(echarts);

/** Has text measured by the fonts that paper is printed with: (text, CSS font) to a width. */
export function measureWith(measure) {
  echarts.setPlatformAPI({ measureText: (text, font) => ({ width: measure(whole(String(text ?? "")), font ?? "12px sans-serif") }) });
}

const all = (part) => (part === undefined || part === null ? [] : [part].flat());

// Nothing on paper moves, opens or is pulled at; and all of it is drawn at once.
function still(option) {
  option.animation = false;
  delete option.tooltip;
  for (const zoom of all(option.dataZoom)) zoom.show = false;
  for (const map of all(option.visualMap)) map.calculable = false;
  for (const series of all(option.series)) {
    series.animation = false;
    series.progressive = 0;
  }
  return option;
}

/**
 * Draws an option of that many pixels.
 * @param {string} json ECharts option; functions as {"$fmt"}
 * @param {string} locale language of numbers and times
 * @returns {string} SVG
 */
export function draw(json, width, height, locale) {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(still(revive(JSON.parse(json), locale)));
    const { painter } = chart.getZr();
    return written(painter.renderToVNode({ animation: false, emphasis: false, willUpdate: false, compress: true, useViewBox: true }));
  } finally {
    chart.dispose();
  }
}
