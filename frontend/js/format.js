// Values as people read them. A chart option is JSON and cannot carry functions, so it
// names a format ({kind, decimals, ...}) and this file does it.

import { formatTime } from "./dates.js";
import { localeOf } from "./locale.js";
import { formatNumber } from "./numbers.js";

/** What stands where there is no value. */
export const NOTHING = "—";

/** The page's language. */
export function pageLocale() {
  return globalThis.document?.documentElement?.dataset?.locale || globalThis.navigator?.language || "en-US";
}

// ECharts writes a missing value as "-"; infinity is as good as none.
const isNothing = (value) =>
  value === null || value === undefined || value === "" || value === "-" || (typeof value === "number" && !Number.isFinite(value));

/**
 * Writes one value.
 * @param {unknown} value number, decimal text, time or text
 * @param {object} spec {kind: number|percent|currency|duration|bytes|scientific|date|text,
 *   decimals, compact, currency, grain, timezone, prefix, suffix}
 * @param {string} locale BCP 47 tag
 * @returns {string}
 */
export function formatValue(value, spec = {}, locale = pageLocale()) {
  if (isNothing(value)) return NOTHING;
  switch (spec.kind) {
    case "text":
      return (spec.prefix ?? "") + String(value) + (spec.suffix ?? "");
    case "date":
      return (spec.prefix ?? "") + formatTime(value, spec, localeOf(locale)) + (spec.suffix ?? "");
    default:
      if (spec.range > 0 && Number.isFinite(Number(value))) {
        // The lower end of a range of numbers stands for the whole.
        const { range, ...plain } = spec;
        const end = Number((Number(value) + range).toPrecision(12));
        return `${formatValue(value, plain, locale)} – ${formatValue(end, plain, locale)}`;
      }
      return formatNumber(value, spec.kind ?? "number", spec, localeOf(locale));
  }
}
