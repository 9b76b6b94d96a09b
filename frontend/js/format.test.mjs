// The expected texts are those of the tests in crates/domain/src/format: both sides must agree.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING, formatValue, pageLocale } from "./format.js";

const table = (name, spec, rows, locale = "en-US") =>
  test(name, () => {
    for (const [value, expected, more] of rows) {
      const written = formatValue(value, { ...spec, ...more }, locale).replaceAll("\u00a0", "_").replaceAll("\u202f", "~");
      assert.equal(written, expected, `${JSON.stringify(value)} as ${JSON.stringify({ ...spec, ...more })}`);
    }
  });

table("full numbers have the digits their size calls for", {}, [
  [0, "0"],
  [-0, "0"],
  [7, "7"],
  [1234, "1,234"],
  [-1234.5, "−1,234.5"],
  [1234567.891, "1,234,567.89"],
  [12.3456, "12.35"],
  [1.005, "1.01"],
  [0.0123456, "0.01235"],
  [0.5, "0.5"],
  [1e20, "100,000,000,000,000,000,000"],
  [1.5e25, "1.5E25"],
  [1e-12, "1E−12"],
]);

table("compact numbers have three digits", { compact: true }, [
  [999, "999"],
  [1200, "1.2K"],
  [1234, "1.23K"],
  [12345, "12.3K"],
  [999499, "999K"],
  [999999, "1M"],
  [-3.4e6, "−3.4M"],
  [5.6e9, "5.6B"],
  [7.89e12, "7.89T"],
  [12.345, "12.3"],
  [999.96, "1K"],
  [0.01234, "0.0123"],
  [1e30, "1E30"],
  [1.2e6, "1.20M", { decimals: 2 }],
  [999.999, "1.00K", { decimals: 2 }],
]);

table("numbers that came as text keep every digit, and other text stays", {}, [
  ["9007199254740993", "9,007,199,254,740,993"],
  ["-12345678901234567.25", "−12,345,678,901,234,567.25"],
  ["not a number", "not a number"],
  [".", "."],
]);

table("a missing value is shown as a dash", {}, [null, undefined, NaN, -Infinity, "", "-"].map((value) => [value, NOTHING]));

table("percent is a share of one", { kind: "percent" }, [
  [0.25, "25%", { compact: true }],
  [0.2561, "25.6%", { compact: true }],
  [0.2561, "25.61%"],
  [12.5, "1,250%", { compact: true }],
  [0.256, "26%", { decimals: 0 }],
]);

test("every locale has its separators", () => {
  const rows = {
    "en-GB": ["1,234.5", "1,234,567.5"],
    "de-DE": ["1.234,5", "1.234.567,5"],
    "fr-FR": ["1\u202f234,5", "1\u202f234\u202f567,5"],
    "es-ES": ["1234,5", "1.234.567,5"],
    "pl-PL": ["1234,5", "1\u00a0234\u00a0567,5"],
    "de-CH": ["1\u2019234.5", "1\u2019234\u2019567.5"],
    "de-AT": ["1.234,5", "1.234.567,5"],
    pt_PT: ["1.234,5", "1.234.567,5"],
    xx: ["1,234.5", "1,234,567.5"],
  };
  for (const [locale, expected] of Object.entries(rows)) {
    assert.deepEqual([1234.5, 1234567.5].map((value) => formatValue(value, {}, locale)), expected, locale);
  }
});

for (const [currency, locale, expected] of [
  ["USD", "en-US", "−$1,234.50"],
  ["EUR", "de-DE", "−1.234,50_€"],
  ["EUR", "fr-FR", "−1~234,50_€"],
  ["JPY", "ja-JP", "−¥1,235"],
  ["CHF", "de-CH", "−CHF_1\u2019234.50"],
  ["CHF", "en-US", "−CHF_1,234.50"],
  ["BRL", "pt-BR", "−R$_1.234,50"],
  ["PLN", "pl-PL", "−1234,50_zł"],
]) {
  table(`${currency} in ${locale}`, { kind: "currency", currency }, [[-1234.5, expected]], locale);
}

table("amounts on tiles", { kind: "currency", compact: true }, [
  [950, "$950"],
  [12.5, "$12.50"],
  [1234567, "$1.23M"],
  [-0.001, "$0.00", { compact: false }],
]);

table("durations are their two largest units", { kind: "duration" }, [
  [0, "0 s"],
  [0.25, "250 ms"],
  [0.9999, "1 s"],
  [1.54, "1.5 s"],
  [42, "42 s"],
  [59.7, "1 min"],
  [90, "1 min 30 s"],
  [3599.9, "1 h"],
  [3900, "1 h 5 min"],
  [86399, "1 d"],
  [90000, "1 d 1 h"],
  [-90, "−1 min 30 s"],
  [200000000, "2,314 d 20 h"],
]);

table("bytes", { kind: "bytes" }, [
  [0, "0 B"],
  [999, "999 B"],
  [1234567, "1.23 MB"],
  [999999, "1 MB"],
  [1e18, "1,000 PB"],
]);

table("powers of ten", { kind: "scientific" }, [
  [123456, "1.23E5"],
  [0.00012, "1.2E−4"],
  [9.999e9, "1E10"],
  [0, "0"],
]);

table("the sign stands before the prefix", { prefix: "~", suffix: " km" }, [[-1234, "−~1,234 km"]]);

const iso = "2024-03-04T14:05:09+02:00";
table("times are as fine as their grain", { kind: "date" }, [
  [iso, "2024", { grain: "year" }],
  [iso, "Q1 2024", { grain: "quarter" }],
  [iso, "Mar 2024", { grain: "month" }],
  [iso, "Mar 4, 2024", { grain: "week" }],
  [iso, "Mar 4, 2024", { grain: "day" }],
  [iso, "Mar 4, 14:05", { grain: "hour" }],
  [iso, "Mar 4, 14:05:09", { grain: "second" }],
  [iso, "Mar 4, 2024, 14:05:09"],
  [iso, "Mar 4, 2024, 14:05:09", { grain: null }],
  ["2024-12-31 08:30", "Dec 31, 2024, 08:30"],
  ["2024-12-31", "Dec 31, 2024"],
  ["soon", "soon"],
  ["2024-13-01", "2024-13-01"],
]);
table("the day stands first elsewhere", { kind: "date", grain: "day" }, [[iso, "4 Mar 2024"]], "en-GB");

table("an axis of time hands over milliseconds", { kind: "date" }, [
  [Date.UTC(2025, 0, 1), "Jan 1, 2025", { grain: "day", timezone: "UTC" }],
  [Date.UTC(2025, 0, 1), "2024", { grain: "year", timezone: "America/Los_Angeles" }],
  [Date.UTC(2025, 0, 1), "Dec 31, 16:00", { grain: "hour", timezone: "America/Los_Angeles" }],
]);

table("parts of the cycle have names", { kind: "date" }, [
  ["1", "Mon", { grain: "day_of_week" }],
  [7, "Sun", { grain: "day_of_week" }],
  [12, "Dec", { grain: "month_of_year" }],
  [9, "09:00", { grain: "hour_of_day" }],
  ["0", "0", { grain: "day_of_week" }],
  [24, "24", { grain: "hour_of_day" }],
]);

test("the page says the language of its reader", () => {
  globalThis.document = { documentElement: { dataset: { locale: "fr" } } };
  assert.equal(pageLocale(), "fr");
  delete globalThis.document;
});

test("a range of numbers is written with both ends", () => {
  assert.equal(formatValue("500", { kind: "number", range: 500 }, "en-US"), "500 – 1,000");
  assert.equal(formatValue(0.1, { kind: "number", range: 0.1 }, "en-US"), "0.1 – 0.2");
});
