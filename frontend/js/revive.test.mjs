import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { pick } from "./pick.js";
import { revive } from "./revive.js";

// Enough of a document to see what would be on the screen, and that it is text.
class Node {
  constructor(tag) {
    Object.assign(this, { tag, style: {}, children: [], textContent: "" });
  }
  append(...nodes) {
    this.children.push(...nodes);
  }
  set innerHTML(_) {
    throw new Error("tooltips must not write HTML");
  }
  lines() {
    return this.children.length ? this.children.flatMap((child) => child.lines()) : [this.textContent].filter(Boolean);
  }
}

beforeEach(() => {
  globalThis.document = { createElement: (tag) => new Node(tag), documentElement: { lang: "en-US" } };
});
afterEach(() => {
  delete globalThis.document;
});

test("a formatter marker becomes a function wherever a formatter stands", () => {
  const option = revive({
    yAxis: [{ axisLabel: { formatter: { $fmt: { kind: "currency", decimals: 0 } } } }],
    tooltip: { valueFormatter: { $fmt: { kind: "percent" } } },
    series: [{ label: { formatter: "{b}" } }],
  });
  assert.equal(option.yAxis[0].axisLabel.formatter(1200), "$1,200");
  assert.equal(option.tooltip.valueFormatter(0.5), "50%");
  assert.equal(option.series[0].label.formatter, "{b}");
});

test("rows of data stay as they are", () => {
  const option = revive({ dataset: { source: [{ formatter: { $fmt: {} } }] }, series: [{ data: [{ formatter: { $fmt: {} } }] }] });
  assert.deepEqual(option.dataset.source[0].formatter, { $fmt: {} });
  assert.deepEqual(option.series[0].data[0].formatter, { $fmt: {} });
});

test("the value of a point is found in every shape of data", () => {
  const point = { encode: { x: [0], y: [2] }, dimensionNames: ["month", "cost", "amount"], name: "Jan", percent: 12 };
  assert.equal(pick({ ...point, value: ["Jan", 5, 7] }), 7);
  assert.equal(pick({ ...point, value: ["Jan", 5, 7] }, "cost"), 5);
  assert.equal(pick({ ...point, value: ["Jan", 5, 7] }, 0), "Jan");
  assert.equal(pick({ ...point, value: { month: "Jan", cost: 5, amount: 7 } }), 7);
  assert.equal(pick({ ...point, value: { month: "Jan", cost: 5, amount: 7 } }, "cost"), 5);
  assert.equal(pick({ ...point, value: 3 }), 3);
  assert.equal(pick({ ...point, value: 3 }, "percent"), 12);
  assert.equal(pick(4), 4);
});

test("a tooltip over an axis lists every series, as text", () => {
  const { formatter } = revive({
    formatter: { $tooltip: { title: { kind: "date", grain: "month" }, value: { kind: "number" }, series: { Margin: { kind: "percent" } } } },
  });
  const tip = formatter([
    { axisValue: "2025-02-01", seriesName: "<img onerror=x>", value: 1500, color: "teal" },
    { axisValue: "2025-02-01", seriesName: "Margin", value: 0.2 },
  ]);
  assert.deepEqual(tip.lines(), ["Feb 2025", "<img onerror=x>", "1,500", "Margin", "20%"]);
  assert.equal(tip.children[1].children[0].style.backgroundColor, "teal");
});

test("a tooltip over a point can list several of its fields", () => {
  const { formatter } = revive({
    formatter: { $tooltip: { rows: [{ field: "cost", label: "Cost", format: { kind: "currency" } }, { field: "region" }] } },
  });
  const tip = formatter({ name: "A", dimensionNames: ["region", "cost"], value: ["North", 5] });
  assert.deepEqual(tip.lines(), ["A", "Cost", "$5.00", "region", "North"]);
});

test("a point without a series name is labelled by the tooltip, and nothing at all is an empty tip", () => {
  const { formatter } = revive({ formatter: { $tooltip: { label: "Flights" } } });
  assert.deepEqual(formatter({ name: "A", seriesName: "\u0000series\u00000", value: 3 }).lines(), ["A", "Flights", "3"]);
  assert.deepEqual(formatter([]).children, []);
});

test("text of several pieces is written in the reader's language", () => {
  const option = revive({
    title: { text: { $text: { parts: [{ kind: "percent", value: 0.25 }, { text: " of " }, { kind: "currency", value: 12 }] } } },
    series: [{ label: { formatter: { $fmt: { parts: [{ field: "name", kind: "text" }, { text: "\n" }, { field: "data.share", kind: "percent" }] } } } }],
  }, "en-US");
  assert.equal(option.title.text, "25% of $12.00");
  assert.equal(option.series[0].label.formatter({ name: "Paid", value: 3, data: { share: 0.5 } }), "Paid\n50%");
});

test("a point may bring a label of its own, but its other fields stay as they are", () => {
  const row = { $fmt: { kind: "percent" } };
  const option = revive({ series: [{ data: [{ value: 1, label: { formatter: { $fmt: { kind: "percent" } } } }, { formatter: row }, null] }] });
  assert.equal(option.series[0].data[0].label.formatter(0.5), "50%");
  assert.equal(option.series[0].data[1].formatter, row);
});
