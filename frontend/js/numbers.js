// Numbers as people read them: the rules of crates/domain/src/format/number.rs.

import { Digits } from "./digits.js";
import { GAP, minorDigits, symbolOf } from "./locale.js";

const MINUS = "\u2212";
const COMPACT = ["", "K", "M", "B", "T"];
const BYTES = ["B", "KB", "MB", "GB", "TB", "PB"];
// Larger than this even a table writes powers of ten.
const LONGEST = 21;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// As many places as the size calls for: whole numbers none; compact ones three digits in
// all; else two, and below one as many as show four digits.
function defaultPlaces(digits, compact) {
  if (digits.isInteger) return 0;
  if (compact) return clamp(3 - digits.point, 0, 12);
  return digits.point > 0 ? 2 : clamp(4 - digits.point, 2, 12);
}

// Grouped digits. Places that were asked for are always there; by default zeros at the end go.
function plain(digits, wanted, fallback, locale) {
  const [whole, fraction] = digits.rounded(wanted ?? fallback).written(wanted ?? 0);
  const grouped =
    whole.length >= 3 + locale.groupFrom ? whole.replace(/\B(?=(\d{3})+$)/g, locale.group) : whole;
  return fraction ? grouped + locale.decimal + fraction : grouped;
}

// Divides by thousands until at most three digits stand before the point, as written: 999,999 is 1M.
function thousands(digits, wanted) {
  let unit = 0;
  while (unit + 1 < COMPACT.length && digits.rounded(wanted ?? defaultPlaces(digits, true)).point > 3) {
    digits = digits.shifted(-3);
    unit += 1;
  }
  return [digits, unit];
}

function scaled(digits, { compact, decimals }, locale) {
  if (digits.point > (compact ? 18 : LONGEST) || (digits.point < -8 && decimals === undefined)) {
    return scientific(digits, decimals, locale);
  }
  const [small, unit] = compact ? thousands(digits, decimals) : [digits, 0];
  return plain(small, decimals, defaultPlaces(small, compact), locale) + COMPACT[unit];
}

function percent(digits, { compact, decimals }, locale) {
  const hundredfold = digits.shifted(2);
  const text = plain(hundredfold, decimals, defaultPlaces(hundredfold, compact), locale);
  return text + (locale.percentGap ? GAP : "") + "%";
}

function amount(digits, { compact, decimals }, code, locale) {
  const [small, unit] = compact ? thousands(digits, decimals) : [digits, 0];
  if (unit > 0) return plain(small, decimals, defaultPlaces(small, true), locale) + COMPACT[unit];
  // Amounts keep their cents, so that columns line up; a whole amount on a tile needs none.
  const places = decimals ?? (compact && digits.isInteger ? 0 : minorDigits(code));
  return plain(digits, places, places, locale);
}

function currency(digits, spec, locale) {
  const code = spec.currency || "USD";
  const text = amount(digits, spec, code, locale);
  const symbol = symbolOf(code);
  if (locale.symbol === "after") return text + GAP + symbol;
  const gap = locale.symbol === "before with gap" || /\p{L}$/u.test(symbol);
  return symbol + (gap ? GAP : "") + text;
}

// Seconds in their two largest units, which say enough: 1 h 5 min.
function duration(digits, { decimals }, locale) {
  const [whole, fraction] = digits.written(0);
  const seconds = Number(`${whole}.${fraction}0`);
  if (digits.isZero) return "0 s";
  if (seconds < 0.9995) {
    const milli = digits.shifted(3);
    return `${plain(milli, decimals, defaultPlaces(milli, true), locale)} ms`;
  }
  // Rounded to what is shown before it is cut up, so that "59 min 60 s" cannot happen.
  if (seconds < 59.5) return `${plain(digits, decimals, seconds < 10 ? 1 : 0, locale)} s`;
  const pair = (large, largeName, small, smallName) => {
    const total = Math.round(seconds / small);
    const many = Digits.of(Math.floor((total * small) / large)) ?? digits;
    const rest = Math.round(total % (large / small));
    const head = `${plain(many, undefined, 0, locale)} ${largeName}`;
    return rest > 0 ? `${head} ${rest} ${smallName}` : head;
  };
  if (seconds < 3599.5) return pair(60, "min", 1, "s");
  return seconds < 86_370 ? pair(3600, "h", 60, "min") : pair(86_400, "d", 3600, "h");
}

function bytes(digits, { decimals }, locale) {
  let size = digits.rounded(0);
  let unit = 0;
  while (unit + 1 < BYTES.length && size.rounded(3 - size.point).point > 3) {
    size = size.shifted(-3);
    unit += 1;
  }
  return `${plain(size, decimals, defaultPlaces(size, true), locale)} ${BYTES[unit]}`;
}

function scientific(digits, decimals, locale) {
  if (digits.isZero) return plain(digits, decimals, 0, locale);
  const places = decimals ?? 2;
  let exponent = digits.point - 1;
  let mantissa = digits.shifted(-exponent).rounded(places);
  if (mantissa.point > 1) {
    exponent += 1;
    mantissa = mantissa.shifted(-1);
  }
  return `${plain(mantissa, decimals, places, locale)}E${exponent < 0 ? MINUS : ""}${Math.abs(exponent)}`;
}

const STYLES = {
  percent,
  currency,
  duration,
  bytes,
  scientific: (digits, { decimals }, locale) => scientific(digits, decimals, locale),
};

/** Writes a number or decimal text in a kind of STYLES, else plainly; other text stays as it is. */
export function formatNumber(value, kind, spec, locale) {
  const digits = Digits.of(value);
  if (!digits) return String(value);
  const { negative } = digits;
  const size = new Digits(false, digits.digits, digits.point);
  const decimals = Number.isInteger(spec.decimals) ? clamp(spec.decimals, 0, 12) : undefined;
  const body = (STYLES[kind] ?? scaled)(size, { ...spec, decimals }, locale);
  // What is written as zero has no sign.
  const sign = negative && /[1-9]/.test(body) ? MINUS : "";
  return sign + (spec.prefix ?? "") + body + (spec.suffix ?? "");
}
