// The browser's half of a chart: draws the option that `charts` made, on canvas.
// Imported lazily, when the first chart comes into view.

import * as echarts from "echarts/core";
import { BarChart, HeatmapChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
import { revive } from "./revive.js";

echarts.use([
  BarChart, HeatmapChart, LineChart, PieChart, ScatterChart,
  AriaComponent, DatasetComponent, DataZoomComponent, GridComponent, LegendComponent,
  MarkLineComponent, TitleComponent, TooltipComponent, VisualMapComponent,
  CanvasRenderer,
]);

const calm = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");

const parsed = (json) => (typeof json === "string" ? (json ? JSON.parse(json) : null) : (json ?? null));

// Ends the promise of the drawing before, if it still waits: `drawn` says whether
// its rows reached the screen or newer ones took their place.
function settle(handle, drawn) {
  handle.done?.(drawn);
  handle.done = null;
}

// New rows must not undo what the reader did to the chart: the zoom and the series
// switched off in the legend carry over to the next option.
function carryOver({ view }, option) {
  const list = (part) => (part === undefined ? [] : [part].flat());
  for (const zoom of list(option.dataZoom)) Object.assign(zoom, view.zooms.get(zoom.id) ?? view.zooms.get(undefined));
  if (view.selected) for (const legend of list(option.legend)) legend.selected = { ...legend.selected, ...view.selected };
}

function watchView({ chart, view }) {
  chart.on("datazoom", (event) => {
    for (const { dataZoomId, start, end } of event.batch ?? [event]) {
      if (start === undefined) continue;
      view.zooms.set(dataZoomId, { start, end }).set(undefined, { start, end });
    }
  });
  chart.on("legendselectchanged", ({ selected }) => {
    view.selected = selected;
  });
}

function draw(handle, optionJson) {
  const option = revive(parsed(optionJson));
  if (calm?.matches) option.animation = false;
  carryOver(handle, option);
  settle(handle, false);
  handle.finished = new Promise((resolve) => {
    handle.done = resolve;
  });
  // Nothing of the old option stays; marks of the same series still move to their
  // new place, because ECharts keeps what it drew for a series of the same name.
  handle.chart.setOption(option, { notMerge: true });
  // A chart without room draws nothing, and says nothing either.
  if (handle.chart.getWidth() === 0 || handle.chart.getHeight() === 0) settle(handle, true);
}

/**
 * Draws a chart into an element.
 * @param {HTMLElement} el
 * @param {string} optionJson ECharts option; functions as {"$fmt"} and {"$tooltip"}
 * @param {string} [theme] ECharts theme as JSON
 * @returns {object} handle for the other functions
 */
export function mount(el, optionJson, theme) {
  const chart = echarts.init(el, parsed(theme), { renderer: "canvas" });
  const handle = { chart, el, done: null, finished: null, frame: 0, view: { zooms: new Map(), selected: null } };
  // Listened to before the first drawing: without animation ECharts says 'finished'
  // before setOption returns.
  chart.on("finished", () => settle(handle, true));
  watchView(handle);
  handle.observer = new ResizeObserver(() => {
    // Many changes of size in one frame are one resize.
    handle.frame ||= requestAnimationFrame(() => {
      handle.frame = 0;
      resize(handle);
    });
  });
  try {
    draw(handle, optionJson);
  } catch (error) {
    dispose(handle);
    throw error;
  }
  handle.observer.observe(el);
  return handle;
}

/** Draws new rows or a new shape into the same chart. */
export function update(handle, optionJson) {
  if (!handle.chart.isDisposed()) draw(handle, optionJson);
}

/** Changes the colours without drawing the data anew. */
export function setTheme(handle, theme) {
  if (!handle.chart.isDisposed()) handle.chart.setTheme(parsed(theme));
}

/** Fits the chart to its element; mounted charts do it by themselves. */
export function resize(handle) {
  const { chart, el } = handle;
  if (chart.isDisposed() || (chart.getWidth() === el.clientWidth && chart.getHeight() === el.clientHeight)) return;
  chart.resize({ animation: { duration: 0 } });
}

/** Frees everything; a drawing under way counts as not finished. */
export function dispose(handle) {
  handle.observer.disconnect();
  cancelAnimationFrame(handle.frame);
  settle(handle, false);
  handle.chart.dispose();
}

/** Promise of the latest drawing: true once it is on the screen, false when it was replaced. */
export function onFinished(handle) {
  return handle.finished;
}

/**
 * Calls back with JSON about the point that was clicked:
 * {componentType, seriesType, seriesIndex, seriesName, dataIndex, name, value, additive}.
 */
export function onClick(handle, callback) {
  handle.chart.on("click", (event) => {
    const { componentType, seriesType, seriesIndex, seriesName, dataIndex, name, value } = event;
    const native = event.event?.event;
    const additive = Boolean(native?.ctrlKey || native?.metaKey || native?.shiftKey);
    callback(JSON.stringify({ componentType, seriesType, seriesIndex, seriesName, dataIndex, name, value, additive }));
  });
}
