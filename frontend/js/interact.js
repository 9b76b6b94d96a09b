// What a reader does to a chart: choosing a mark, dragging over a stretch, asking for a menu.
// Each is told as JSON; `charts::marks` knows which members of which groups it means.

// A press that moves less than this is a click.
const STILL = 5;
// How long a finger rests for a menu, in milliseconds.
const REST = 550;

// The series whose lines are threads: `charts::pins`.
const THREADS = "threads";

const first = (list) => (Array.isArray(list) ? list[0] : list);
const isAdditive = (event) => Boolean(event?.ctrlKey || event?.metaKey || event?.shiftKey);

/** A mark in the words of `charts::marks::Mark`. */
function markOf({ seriesName, name, value, data, treePathInfo }) {
  return {
    series: seriesName ?? "",
    name: data?.name ?? name ?? "",
    value: value ?? null,
    path: (treePathInfo ?? []).map((part) => part.name ?? ""),
    from: data?.from,
    to: data?.to,
  };
}

/** The area between the axes, in pixels. */
function plotOf(chart) {
  return chart.getModel?.().getComponent?.("grid")?.coordinateSystem?.getRect?.() ?? null;
}

const axisOf = (chart, key) => first(chart.getOption()?.[key]);

/** Where along an axis a pixel lies: a category's position, a number, or milliseconds. */
const along = (chart, key, pixel) => chart.convertFromPixel({ [`${key}Index`]: 0 }, pixel);

/** The stretch between two pixels of an axis: the names it covers, or its ends. */
function stretch(chart, key, from, to) {
  const ends = [along(chart, key, from), along(chart, key, to)].sort((a, b) => a - b);
  const { type, data } = axisOf(chart, key) ?? {};
  return type === "category" ? { names: (data ?? []).slice(ends[0], ends[1] + 1).map((v) => String(v?.value ?? v)) } : { ends };
}

/** The mark of a plot that a click beside every mark means: whatever lies over that place. */
function nearest(chart, x, y) {
  const option = chart.getOption();
  const key = axisOf(chart, "yAxis")?.type === "category" ? "yAxis" : "xAxis";
  const axis = axisOf(chart, key);
  if (!axis || !["category", "time"].includes(axis.type) || !chart.containPixel("grid", [x, y])) return null;
  const at = along(chart, key, key === "xAxis" ? x : y);
  if (axis.type === "category") {
    const name = axis.data?.[at];
    return name === undefined ? null : { series: "", name: String(name?.value ?? name), value: null, path: [] };
  }
  const times = (option.series ?? []).flatMap((series) => series.data ?? []).map((item) => first(item?.value ?? item));
  const known = times.filter((time) => typeof time === "number");
  if (known.length === 0) return null;
  const time = known.reduce((best, time) => (Math.abs(time - at) < Math.abs(best - at) ? time : best));
  return { series: "", name: "", value: [time, null], path: [] };
}

/**
 * Tells what a reader does to a chart.
 * @param {object} handle of charts.js
 * @param {object} settings {brush: "x" | "y" | "x_y" | null}; may change later
 * @param {(json: string) => void} tell gets {"pick"|"range"|"menu"|"thread": ..., additive, left, top, done}
 * @returns {() => void} ends it
 */
export function interact(handle, settings, tell) {
  const { el } = handle;
  let press = null;
  let veil = null;
  // A click that ends a drag is none.
  let dragged = false;

  const send = (message) => tell(JSON.stringify(message));
  const place = (event) => {
    const box = el.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  const onMark = (event) => {
    if (dragged) return;
    if (event.seriesId === THREADS) return send({ thread: event.name });
    if (event.componentType !== "series") return;
    const native = event.event?.event;
    send({ pick: markOf(event), additive: isAdditive(native) });
  };
  // ECharts tells of marks only; a line is hard to hit.
  const onPlot = (event) => {
    if (dragged || event.target) return;
    const mark = nearest(handle.chart, event.offsetX, event.offsetY);
    if (mark) send({ pick: mark, additive: isAdditive(event.event) });
  };
  const menuAt = (mark, left, top) => {
    if (mark) send({ menu: mark, left, top });
  };
  // Where the threads stand, for who cannot see into the canvas.
  const onDrawn = () => {
    const own = handle.chart.getModel?.()?.getSeries?.().find(({ id }) => id === THREADS);
    const lines = own?.get(["markLine", "data"]) ?? [];
    const at = ({ name, xAxis, yAxis }) => {
      const pixel = xAxis === undefined
        ? handle.chart.convertToPixel({ yAxisIndex: 0 }, yAxis)
        : handle.chart.convertToPixel({ xAxisIndex: 0 }, xAxis);
      return `${name}:${Math.round(pixel)}`;
    };
    if (lines.length > 0 || el.dataset.threads) el.dataset.threads = lines.map(at).join(" ");
  };
  let hovered = null;
  const onOver = (event) => {
    hovered = event.componentType === "series" ? markOf(event) : null;
  };
  const onOut = () => {
    hovered = null;
  };
  const onMenu = (event) => {
    const [x, y] = place(event);
    const mark = hovered ?? nearest(handle.chart, x, y);
    if (!mark) return;
    event.preventDefault();
    menuAt(mark, event.clientX, event.clientY);
  };

  const drop = () => {
    clearTimeout(press?.rest);
    press = null;
    veil?.remove();
    veil = null;
  };
  const range = (from, to) => {
    const { chart } = handle;
    if (settings.brush === "x_y") {
      const [x, y] = [stretch(chart, "xAxis", from[0], to[0]), stretch(chart, "yAxis", from[1], to[1])];
      return x.ends && y.ends ? { x: x.ends, y: y.ends } : null;
    }
    const isAcross = settings.brush === "x";
    const part = isAcross ? stretch(chart, "xAxis", from[0], to[0]) : stretch(chart, "yAxis", from[1], to[1]);
    return part.names ? { names: part.names } : { [isAcross ? "x" : "y"]: part.ends };
  };
  const shade = (from, to, plot) => {
    veil ??= el.appendChild(Object.assign(document.createElement("div"), { className: "chart-brush" }));
    const box = { x: plot.x, y: plot.y, width: plot.width, height: plot.height };
    if (settings.brush !== "y") [box.x, box.width] = [Math.min(from[0], to[0]), Math.abs(to[0] - from[0])];
    if (settings.brush !== "x") [box.y, box.height] = [Math.min(from[1], to[1]), Math.abs(to[1] - from[1])];
    Object.assign(veil.style, { left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px` });
  };
  const inside = ([x, y], plot) => [
    Math.min(Math.max(x, plot.x), plot.x + plot.width - 0.01),
    Math.min(Math.max(y, plot.y), plot.y + plot.height - 0.01),
  ];

  const onDown = (event) => {
    dragged = false;
    if (event.button !== 0 || !event.isPrimary) return;
    const at = place(event);
    const plot = settings.brush ? plotOf(handle.chart) : null;
    const isIn = plot && handle.chart.containPixel("grid", at);
    press = { at, plot: isIn ? plot : null, id: event.pointerId, additive: isAdditive(event), frame: 0, rest: 0 };
    if (event.pointerType === "touch") {
      press.rest = setTimeout(() => {
        dragged = true;
        menuAt(hovered ?? nearest(handle.chart, ...at), event.clientX, event.clientY);
        drop();
      }, REST);
    }
  };
  const onMove = (event) => {
    if (!press || event.pointerId !== press.id) return;
    const to = place(event);
    const [dx, dy] = [Math.abs(to[0] - press.at[0]), Math.abs(to[1] - press.at[1])];
    if (!dragged && Math.max(dx, dy) < STILL) return;
    clearTimeout(press.rest);
    if (!press.plot) return;
    // A finger that goes up or down scrolls the page.
    if (!dragged && event.pointerType === "touch" && (settings.brush === "y" || dy > dx)) return drop();
    if (!dragged) el.setPointerCapture?.(event.pointerId);
    dragged = true;
    handle.chart.dispatchAction({ type: "hideTip" });
    press.to = inside(to, press.plot);
    shade(press.at, press.to, press.plot);
    press.frame ||= requestAnimationFrame(() => {
      if (!press?.to) return;
      press.frame = 0;
      const covered = range(press.at, press.to);
      if (covered) send({ range: covered, additive: press.additive, done: false });
    });
  };
  const onUp = (event) => {
    if (!press || event.pointerId !== press.id) return;
    const { at, to, additive } = press;
    const covered = to ? range(at, to) : null;
    drop();
    if (covered) send({ range: covered, additive, done: true });
  };
  const onCancel = () => {
    const began = press?.to;
    drop();
    if (began) send({ cancel: true });
  };
  const onKey = (event) => {
    if (event.key === "Escape" && press?.to) {
      event.stopPropagation();
      onCancel();
    }
  };

  const { listeners } = handle;
  const own = [["click", onMark], ["mouseover", onOver], ["mouseout", onOut], ["finished", onDrawn]];
  listeners.push(...own, ["zr:click", onPlot]);
  handle.listen();
  const dom = [
    ["pointerdown", onDown], ["pointermove", onMove], ["pointerup", onUp], ["pointercancel", onCancel],
    ["contextmenu", onMenu],
  ];
  for (const [type, listener] of dom) el.addEventListener(type, listener, true);
  addEventListener("keydown", onKey, true);
  onDrawn();
  return () => {
    drop();
    for (const [type, listener] of dom) el.removeEventListener(type, listener, true);
    removeEventListener("keydown", onKey, true);
    handle.listeners = [];
  };
}
