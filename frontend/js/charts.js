// The browser's half of a chart: draws the option that `charts` made, on canvas.
// Imported lazily, when the first chart comes into view.

import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { CORE_PARTS, CORE_SERIES } from "./core.js";
import { interact } from "./interact.js";
import { revive } from "./revive.js";

echarts.use([...CORE_PARTS, CanvasRenderer]);

// Parts that most pages do not need are files of their own, fetched when the first option asks for
// them: the rarer kinds of chart, and the shapes of the world.
const extras = {
  kinds: { load: () => import("./kinds.js"), ready: false },
  world: { load: () => import("./world.js"), ready: false },
};

const all = (part) => (part === undefined || part === null ? [] : [part].flat());

// How many extra parts are in; a chart knows those that were there when it was made.
let installed = 0;

/** Names of the extra parts that an option needs. */
function needed(option) {
  const series = all(option?.series);
  const needs = {
    kinds: option?.calendar || option?.geo || option?.radar || series.some(({ type }) => !CORE_SERIES.has(type)),
    world: option?.geo || series.some(({ type }) => type === "map"),
  };
  return Object.keys(extras).filter((name) => needs[name]);
}

async function fetchExtras(names) {
  const modules = await Promise.all(names.map((name) => extras[name].load()));
  modules.forEach((module, i) => {
    if (extras[names[i]].ready) return;
    module.install(echarts);
    extras[names[i]].ready = true;
    installed += 1;
  });
}

const calm = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");

// Drawings that follow each other sooner do not move, in milliseconds.
const HASTE = 400;

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
  for (const zoom of all(option.dataZoom)) Object.assign(zoom, view.zooms.get(zoom.id) ?? view.zooms.get(undefined));
  if (view.selected) for (const legend of all(option.legend)) legend.selected = { ...legend.selected, ...view.selected };
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
  // What appears is there at once; only what changes may move, where the reader likes that.
  // Rows that come one after the other do not wait for it.
  const now = performance.now();
  if (!handle.drawn || calm?.matches || now - handle.last < HASTE) option.animation = false;
  handle.drawn = true;
  handle.last = now;
  settle(handle, false);
  handle.finished = new Promise((resolve, reject) => {
    handle.done = resolve;
    handle.fail = reject;
  });
  const names = needed(option);
  if (names.every((name) => extras[name].ready)) {
    if (names.length > 0) renew(handle);
    show(handle, option);
    return;
  }
  const { done, fail } = handle;
  handle.waiting = true;
  fetchExtras(names)
    .then(() => {
      // Newer rows may have come meanwhile; then this drawing is settled already.
      if (handle.done !== done || handle.chart.isDisposed()) return;
      renew(handle);
      show(handle, option);
    })
    .catch((error) => {
      if (handle.done === done) handle.done = null;
      fail(error);
    });
}

function show(handle, option) {
  handle.waiting = false;
  carryOver(handle, option);
  // Nothing of the old option stays; marks of the same series still move to their
  // new place, because ECharts keeps what it drew for a series of the same name.
  handle.chart.setOption(option, { notMerge: true });
  // A chart without room draws nothing, and says nothing either.
  if (handle.chart.getWidth() === 0 || handle.chart.getHeight() === 0) settle(handle, true);
}

function create(handle) {
  // On a wall everything is enlarged: the canvas has the dots for it.
  const zoom = handle.el.currentCSSZoom ?? 1;
  const devicePixelRatio = (globalThis.devicePixelRatio || 1) * zoom;
  handle.chart = echarts.init(handle.el, handle.theme, { renderer: "canvas", devicePixelRatio });
  handle.parts = installed;
  // Listened to before the first drawing: without animation ECharts says 'finished'
  // before setOption returns.
  handle.chart.on("finished", () => {
    // A chart that waits for its parts has finished drawing nothing.
    if (!handle.waiting) settle(handle, true);
  });
  watchView(handle);
  handle.listen();
}

// A chart draws with the parts that were there when it was made.
function renew(handle) {
  if (handle.parts === installed) return;
  handle.chart.dispose();
  create(handle);
}

/**
 * Draws a chart into an element.
 * @param {HTMLElement} el
 * @param {string} optionJson ECharts option; functions as {"$fmt"} and {"$tooltip"}
 * @param {string} [theme] ECharts theme as JSON
 * @returns {object} handle for the other functions
 */
export function mount(el, optionJson, theme) {
  const handle = {
    chart: null, el, theme: parsed(theme), parts: 0, listeners: [], waiting: false,
    done: null, fail: null, finished: null, frame: 0, view: { zooms: new Map(), selected: null },
    settings: { brush: null }, end: null, last: 0,
  };
  // A chart that is made anew is listened to as the one before.
  handle.listen = () => {
    for (const [type, listener] of handle.listeners) {
      if (type.startsWith("zr:")) handle.chart.getZr().on(type.slice(3), listener);
      else handle.chart.on(type, listener);
    }
  };
  create(handle);
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
  handle.theme = parsed(theme);
  if (!handle.chart.isDisposed()) handle.chart.setTheme(handle.theme);
}

/** Fits the chart to its element; mounted charts do it by themselves. */
export function resize(handle) {
  const { chart, el } = handle;
  // What is hidden has no size; a chart laid out in none would not find back.
  if (!el.clientWidth || !el.clientHeight) return;
  if (chart.isDisposed() || (chart.getWidth() === el.clientWidth && chart.getHeight() === el.clientHeight)) return;
  chart.resize({ animation: { duration: 0 } });
}

/** Frees everything; a drawing under way counts as not finished. */
export function dispose(handle) {
  handle.end?.();
  handle.observer.disconnect();
  cancelAnimationFrame(handle.frame);
  settle(handle, false);
  handle.chart.dispose();
}

/** Promise of the latest drawing: true once it is on the screen, false when it was replaced. */
export function onFinished(handle) {
  return handle.finished;
}

/** Tells what the reader does to the chart, see interact.js. `brush`: "x", "y", "x_y" or none. */
export function onReader(handle, brush, tell) {
  handle.settings.brush = brush || null;
  handle.el.style.touchAction = { x: "pan-y", x_y: "pan-y" }[brush] ?? "";
  handle.el.classList.toggle("can-brush", Boolean(brush));
  handle.end ??= interact(handle, handle.settings, tell);
}
