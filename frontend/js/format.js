// Numbers and times as people read them. A chart option is JSON and cannot carry
// functions, so it names a format ({kind, decimals, ...}) and this file does it.

/** What stands where there is no value. */
export const NOTHING = "–";

const MONDAY = Date.UTC(2024, 0, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"];
const DURATION_UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const NUMERIC = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

// Making an Intl object costs far more than using one.
const made = new Map();
function intl(make, locale, options) {
  const key = `${make.name}|${locale}|${JSON.stringify(options)}`;
  let found = made.get(key);
  if (!found) {
    found = new make(locale, options);
    made.set(key, found);
  }
  return found;
}
const numbers = (locale, options) => intl(Intl.NumberFormat, locale, options);
const dates = (locale, options) => intl(Intl.DateTimeFormat, locale, options);

/** The page's language, when Intl knows it. */
export function pageLocale() {
  const wanted = globalThis.document?.documentElement?.lang || globalThis.navigator?.language;
  try {
    return Intl.getCanonicalLocales(wanted ?? [])[0] ?? "en-US";
  } catch {
    return "en-US";
  }
}

// Numbers beyond 2^53 and decimals come as text; Intl writes such text in full.
function asNumber(value) {
  if (typeof value === "boolean" || value === null || value === undefined) return null;
  if (typeof value === "string") return NUMERIC.test(value.trim()) ? value.trim() : null;
  return Number.isFinite(Number(value)) ? Number(value) : null;
}

// As many digits as the size calls for, unless a number of them is asked for.
function digits({ decimals, compact }, size) {
  if (Number.isInteger(decimals)) return { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  if (compact) return { maximumFractionDigits: 1 };
  if (size === 0 || size >= 1) return { maximumFractionDigits: size >= 100 ? 1 : 2 };
  return { maximumSignificantDigits: 3 };
}

const notation = ({ compact }) => (compact ? { notation: "compact" } : {});

const unit = (locale, name, value, options) =>
  numbers(locale, { style: "unit", unit: name, unitDisplay: "short", ...options }).format(value);

function duration(seconds, spec, locale) {
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  if (size < 1 && size > 0) {
    return sign + unit(locale, "millisecond", size * 1000, digits({ decimals: spec.decimals }, size * 1000));
  }
  if (size < 60) return sign + unit(locale, "second", size, digits({ decimals: spec.decimals }, size));
  // The two largest units say enough; rounding first keeps "1 h 60 min" from happening.
  const at = DURATION_UNITS.findIndex(([, length]) => size >= length);
  const [large, largeLength] = DURATION_UNITS[at];
  const [small, smallLength] = DURATION_UNITS[at + 1];
  const total = Math.round(size / smallLength);
  const perLarge = largeLength / smallLength;
  const parts = [unit(locale, large, Math.floor(total / perLarge), {})];
  if (total % perLarge) parts.push(unit(locale, small, total % perLarge, {}));
  return sign + parts.join(" ");
}

function bytes(value, spec, locale) {
  let size = Math.abs(value);
  let at = 0;
  while (size >= 999.5 && at < BYTE_UNITS.length - 1) {
    size /= 1000;
    at += 1;
  }
  const precision = at === 0 ? { maximumFractionDigits: 0 } : digits({ compact: true, decimals: spec.decimals }, size);
  return (value < 0 ? "-" : "") + unit(locale, BYTE_UNITS[at], size, precision);
}

// Text with an offset is shown as its own wall clock unless a zone is asked for;
// a date alone has no zone at all.
function instant(value, timezone) {
  if (value instanceof Date) return [value.getTime(), timezone ?? "UTC"];
  if (typeof value === "number") return [value, timezone ?? "UTC"];
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/.exec(String(value));
  if (!parts) return [NaN, "UTC"];
  const [, day, time, offset] = parts;
  if (!time) return [Date.parse(day), "UTC"];
  if (offset && timezone) return [Date.parse(`${day}T${time}${offset}`), timezone];
  return [Date.parse(`${day}T${time}Z`), "UTC"];
}

const DATE_STYLES = {
  year: { year: "numeric" },
  month: { year: "numeric", month: "short" },
  week: { year: "numeric", month: "short", day: "numeric" },
  day: { year: "numeric", month: "short", day: "numeric" },
  hour: { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
  minute: { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" },
  second: { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit" },
};

// A part of the cycle (hour 13, weekday 1) is shown by a moment that has it.
function cyclic(value, grain, locale) {
  const n = Number(value);
  switch (grain) {
    case "hour_of_day":
      return dates(locale, { hour: "numeric", minute: "2-digit", timeZone: "UTC" }).format(MONDAY + n * HOUR);
    case "day_of_week":
      return dates(locale, { weekday: "short", timeZone: "UTC" }).format(MONDAY + (n - 1) * DAY);
    case "month_of_year":
      return dates(locale, { month: "short", timeZone: "UTC" }).format(Date.UTC(2024, n - 1, 1));
    default:
      return null;
  }
}

function date(value, { grain, timezone }, locale) {
  if (Number.isInteger(Number(value))) {
    const named = cyclic(value, grain, locale);
    if (named !== null) return named;
  }
  const [time, zone] = instant(value, timezone);
  if (Number.isNaN(time)) return String(value);
  if (grain === "quarter") {
    const parts = dates("en-US", { year: "numeric", month: "numeric", timeZone: zone }).formatToParts(time);
    const part = (type) => Number(parts.find((found) => found.type === type).value);
    return `Q${Math.ceil(part("month") / 3)} ${part("year")}`;
  }
  const plainDay = typeof value === "string" && value.length === 10;
  const style = DATE_STYLES[grain] ?? DATE_STYLES[plainDay ? "day" : "minute"];
  return dates(locale, { ...style, timeZone: zone }).format(time);
}

function number(value, spec, locale) {
  const n = asNumber(value);
  if (n === null) return String(value);
  const size = Math.abs(Number(n));
  switch (spec.kind) {
    case "percent":
      return numbers(locale, { style: "percent", ...notation(spec), ...digits(spec, size * 100) }).format(n);
    case "currency":
      return currency(n, spec, locale, size);
    case "duration":
      return duration(Number(n), spec, locale);
    case "bytes":
      return bytes(Number(n), spec, locale);
    case "scientific":
      return numbers(locale, { notation: "scientific", ...digits({ decimals: spec.decimals ?? 2 }, size) }).format(n);
    default:
      return numbers(locale, { ...notation(spec), ...digits(spec, size) }).format(n);
  }
}

function currency(n, spec, locale, size) {
  const options = { style: "currency", currency: spec.currency || "USD", currencyDisplay: "narrowSymbol", ...notation(spec) };
  // A currency brings its own number of digits; only a wish or compactness changes it.
  if (spec.compact || Number.isInteger(spec.decimals)) Object.assign(options, digits(spec, size));
  try {
    return numbers(locale, options).format(n);
  } catch {
    return `${numbers(locale, digits(spec, size)).format(n)} ${spec.currency}`;
  }
}

/**
 * Writes one value.
 * @param {unknown} value number, numeric text, time or text
 * @param {object} spec {kind, decimals, compact, currency, grain, timezone, prefix, suffix}
 * @param {string} locale BCP 47 tag
 * @returns {string}
 */
export function formatValue(value, spec = {}, locale = pageLocale()) {
  if (value === null || value === undefined || value === "" || value === "-" || Number.isNaN(value)) return NOTHING;
  const kind = spec.kind ?? spec.style ?? "number";
  const { prefix = "", suffix = "" } = spec;
  const text =
    kind === "text" ? String(value) : kind === "date" ? date(value, spec, locale) : number(value, { ...spec, kind }, locale);
  return prefix + text + suffix;
}
