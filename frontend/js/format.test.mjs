import assert from "node:assert/strict";
import { test } from "node:test";
import { NOTHING, formatValue, pageLocale } from "./format.js";

const us = (value, spec) => formatValue(value, spec, "en-US").replaceAll(/[\u00a0\u202f]/g, " ");
const table = (name, rows) =>
  test(name, () => {
    for (const [value, spec, expected] of rows) {
      assert.equal(us(value, spec), expected, `${JSON.stringify(value)} as ${JSON.stringify(spec)}`);
    }
  });

table("numbers take as many digits as their size calls for", [
  [1234567, { kind: "number" }, "1,234,567"],
  [1234.567, {}, "1,234.6"],
  [12.345, {}, "12.35"],
  [0.0012345, {}, "0.00123"],
  [0, {}, "0"],
  [-5, {}, "-5"],
  [12.3, { decimals: 2 }, "12.30"],
  [1234567, { compact: true }, "1.2M"],
  [1234567, { compact: true, decimals: 2 }, "1.23M"],
  [12, { prefix: "~", suffix: " km" }, "~12 km"],
  [123456, { kind: "scientific" }, "1.23E5"],
]);

table("integers and decimals that came as text keep every digit", [
  ["9007199254740993", {}, "9,007,199,254,740,993"],
  ["12345678901234567890.12", { decimals: 2 }, "12,345,678,901,234,567,890.12"],
  ["not a number", {}, "not a number"],
]);

table("a missing value is shown as a dash", [
  [null, { kind: "number" }, NOTHING],
  [undefined, { kind: "date" }, NOTHING],
  [NaN, {}, NOTHING],
  ["", { kind: "text" }, NOTHING],
  ["-", {}, NOTHING],
]);

table("percent and currency", [
  [0.256, { kind: "percent" }, "25.6%"],
  [0.256, { kind: "percent", decimals: 0 }, "26%"],
  [0.25, { style: "percent" }, "25%"],
  [1234.5, { kind: "currency" }, "$1,234.50"],
  [1234567, { kind: "currency", compact: true }, "$1.2M"],
  [1234.5, { kind: "currency", currency: "EUR", decimals: 0 }, "€1,235"],
  [12, { kind: "currency", currency: "nonsense" }, "12 nonsense"],
]);

table("durations are seconds, in their two largest units", [
  [0.25, { kind: "duration" }, "250 ms"],
  [42, { kind: "duration" }, "42 sec"],
  [3900, { kind: "duration" }, "1 hr 5 min"],
  [7199.9, { kind: "duration" }, "2 hr"],
  [90000, { kind: "duration" }, "1 day 1 hr"],
  [-90, { kind: "duration" }, "-1 min 30 sec"],
]);

table("bytes", [
  [0, { kind: "bytes" }, "0 byte"],
  [1500, { kind: "bytes" }, "1.5 kB"],
  [999950, { kind: "bytes" }, "1 MB"],
  [3.2e9, { kind: "bytes", decimals: 2 }, "3.20 GB"],
]);

table("dates follow the grain", [
  ["2025-02-03", { kind: "date" }, "Feb 3, 2025"],
  ["2025-02-03", { kind: "date", grain: "month" }, "Feb 2025"],
  ["2025-02-03", { kind: "date", grain: "quarter" }, "Q1 2025"],
  ["2025-02-03", { kind: "date", grain: "year" }, "2025"],
  ["2025-02-03T14:05:06Z", { kind: "date", grain: "second" }, "Feb 3, 2:05:06 PM"],
  [Date.UTC(2025, 1, 3, 14), { kind: "date", grain: "hour" }, "Feb 3, 2:00 PM"],
  [13, { kind: "date", grain: "hour_of_day" }, "1:00 PM"],
  [1, { kind: "date", grain: "day_of_week" }, "Mon"],
  ["7", { kind: "date", grain: "day_of_week" }, "Sun"],
  [12, { kind: "date", grain: "month_of_year" }, "Dec"],
  ["soon", { kind: "date" }, "soon"],
]);

table("a date alone has no zone, a time keeps its own clock unless a zone is asked for", [
  ["2025-01-01", { kind: "date", timezone: "America/Los_Angeles" }, "Jan 1, 2025"],
  ["2025-01-01T00:30:00+02:00", { kind: "date", grain: "day" }, "Jan 1, 2025"],
  ["2025-01-01T00:30:00+02:00", { kind: "date", grain: "day", timezone: "UTC" }, "Dec 31, 2024"],
  [Date.UTC(2025, 0, 1), { kind: "date", grain: "year", timezone: "America/Los_Angeles" }, "2024"],
]);

test("the language decides", () => {
  assert.equal(formatValue(1234.5, { decimals: 2 }, "de-DE"), "1.234,50");
});

test("a language Intl does not know falls back", () => {
  globalThis.document = { documentElement: { lang: "no such language" } };
  assert.equal(pageLocale(), "en-US");
  globalThis.document.documentElement.lang = "fr";
  assert.equal(pageLocale(), "fr");
  delete globalThis.document;
});
