// Turns the markers of a chart option into functions: {"$fmt": spec} into a
// formatter, {"$tooltip": spec} into a builder of tooltips.

import { formatValue, pageLocale } from "./format.js";
import { isPlain, pick } from "./pick.js";
import { tooltip } from "./tooltip.js";

const KEYS = new Set(["formatter", "valueFormatter", "labelFormatter"]);
const TEXTS = new Set(["text", "subtext"]);

const piece = (part, value, locale) => (part.text === undefined ? formatValue(value, part, locale) : part.text);

/** Text of several pieces, each a format with its own value. */
const written = ({ parts = [] }, locale) => parts.map((part) => piece(part, part.value, locale)).join("");

function revived(marker, locale) {
  if (isPlain(marker?.$fmt)) {
    const spec = marker.$fmt;
    if (spec.parts) return (input) => spec.parts.map((part) => piece(part, pick(input, part.field), locale)).join("");
    return (input) => formatValue(pick(input, spec.field), spec, locale);
  }
  if (isPlain(marker?.$tooltip)) return tooltip(marker.$tooltip, locale);
  return marker;
}

function reviveLabels(data, locale) {
  for (const item of data) {
    const label = item?.label;
    if (isPlain(label?.formatter)) label.formatter = revived(label.formatter, locale);
  }
}

/**
 * Replaces the markers in place, wherever a formatter stands, and returns the option.
 * Rows of data are left alone: a column may be called "formatter".
 */
export function revive(option, locale = pageLocale()) {
  if (Array.isArray(option)) {
    for (const item of option) if (typeof item === "object") revive(item, locale);
  } else if (isPlain(option)) {
    for (const [key, value] of Object.entries(option)) {
      if (KEYS.has(key)) option[key] = revived(value, locale);
      else if (TEXTS.has(key) && isPlain(value?.$text)) option[key] = written(value.$text, locale);
      // Points of data may carry labels of their own.
      else if (key === "data" && Array.isArray(value)) reviveLabels(value, locale);
      else if (key !== "data" && key !== "source" && typeof value === "object") revive(value, locale);
    }
  }
  return option;
}
