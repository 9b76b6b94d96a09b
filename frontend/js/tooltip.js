// Tooltips as DOM nodes. What users typed goes in as text and is never read as HTML.

import { formatValue } from "./format.js";
import { pick } from "./pick.js";

function node(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function row(label, value, color) {
  const made = node("div", "chart-tip-row");
  if (typeof color === "string") {
    const swatch = node("span", "chart-tip-swatch");
    swatch.style.backgroundColor = color;
    made.append(swatch);
  }
  made.append(node("span", "chart-tip-label", label), node("span", "chart-tip-value", value));
  return made;
}

const text = (value, spec, locale) => formatValue(value, spec ?? { kind: typeof value === "number" ? "number" : "text" }, locale);

/**
 * A tooltip formatter for ECharts.
 *
 * spec: {title, value, series: {name: format}, rows: [{field, label, format}], label}
 * - title: format of the heading (axis value, or name of the point)
 * - value: format of the values; `series` overrides it by series name
 * - rows: lists these fields of a point instead of its one value
 * - skip: names of series that it does not tell of
 * - label: word beside the value where the series has no name of its own
 */
export function tooltip(spec, locale) {
  const rowsOf = (point) => {
    if (spec.rows) {
      return spec.rows
        .map(({ optional, field, label, format }) => ({ optional, label: label ?? String(field), format, value: pick(point, field) }))
        .filter(({ optional, value }) => !optional || (value !== undefined && value !== null))
        .map(({ label, format, value }) => row(label, text(value, format, locale)));
    }
    if (spec.skip?.includes(point.seriesName)) return [];
    const format = spec.series?.[point.seriesName] ?? spec.value;
    const named = point.seriesName && !/^series\d*$|\u0000/.test(point.seriesName);
    return [row(named ? point.seriesName : (spec.label ?? ""), text(pick(point), format ?? { kind: "number" }, locale), point.color)];
  };
  return (params) => {
    const points = (Array.isArray(params) ? params : [params]).filter(Boolean);
    const tip = node("div", "chart-tip");
    if (points.length === 0) return tip;
    const { field } = spec.title ?? {};
    const heading = (field && pick(points[0], field)) ?? points[0].axisValue ?? points[0].name;
    if (heading !== undefined && heading !== "") {
      tip.append(node("div", "chart-tip-title", text(heading, spec.title ?? { kind: "text" }, locale)));
    }
    for (const point of points) tip.append(...rowsOf(point));
    return tip;
  };
}
