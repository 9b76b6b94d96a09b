// The eight typical questions over the demo's sales, the same in SQL (`$t` is the table), and the
// dashboard made of them.
const revenue = { column: "amount", agg: "sum", as: "revenue" };
const by = (name, dir) => [{ by: name, dir }];

export const questions = [
  { title: "Revenue", chart: "number", sql: "SELECT sum(amount) FROM $t", query: { measures: [revenue] } },
  {
    title: "Revenue by month",
    chart: "line",
    sql: "SELECT date_trunc('month', date) AS m, sum(amount), sum(cost) FROM $t GROUP BY 1 ORDER BY 1",
    query: {
      dimensions: [{ column: "date", grain: "month" }],
      measures: [revenue, { column: "cost", agg: "sum", as: "total_cost" }],
      order: by("date", "asc"),
      limit: 10000,
    },
  },
  {
    title: "Revenue by product",
    chart: "bar",
    sql: "SELECT product, sum(amount) AS r FROM $t GROUP BY 1 ORDER BY r DESC LIMIT 1001",
    query: { dimensions: [{ column: "product" }], measures: [revenue], order: by("revenue", "desc") },
  },
  {
    title: "Revenue by region",
    chart: "pie",
    sql: "SELECT region, sum(amount) AS r FROM $t GROUP BY 1 ORDER BY r DESC LIMIT 101",
    query: { dimensions: [{ column: "region" }], measures: [revenue], order: by("revenue", "desc"), limit: 100 },
  },
  {
    title: "Region and product",
    chart: "heatmap",
    sql: "SELECT region, product, sum(amount) FROM $t GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 10001",
    query: { dimensions: [{ column: "region" }, { column: "product" }], measures: [revenue], limit: 10000 },
  },
  {
    title: "Top 100 customers",
    chart: "table",
    sql: "SELECT customer_id, sum(amount) AS r, count(*) FROM $t GROUP BY 1 ORDER BY r DESC LIMIT 101",
    query: {
      dimensions: [{ column: "customer_id" }],
      measures: [revenue, { agg: "count", as: "orders" }],
      order: by("revenue", "desc"),
      limit: 100,
    },
  },
  {
    title: "Year, region and product",
    chart: "table",
    sql: "SELECT date_trunc('year', date) AS y, region, product, sum(amount), sum(quantity) FROM $t GROUP BY ALL ORDER BY 1, 2, 3 LIMIT 10001",
    query: {
      dimensions: [{ column: "date", grain: "year" }, { column: "region" }, { column: "product" }],
      measures: [revenue, { column: "quantity", agg: "sum", as: "units" }],
      limit: 10000,
    },
  },
  {
    title: "Distribution of the amount",
    chart: "bar",
    sql: "WITH b AS (SELECT min(amount) AS lo, (max(amount) - min(amount)) / 20 AS w FROM $t) SELECT lo + w * least(floor((amount - lo) / w), 19) AS bin, count(*) FROM $t, b GROUP BY 1 ORDER BY 1",
    query: { dimensions: [{ column: "amount", bin: { count: 20 } }], measures: [{ agg: "count", as: "n" }], limit: 100 },
  },
].map((question) => ({ ...question, query: { dataset: "sales", ...question.query } }));

/** The body for `POST /api/v1/dashboards`: two tiles side by side, four rows of them. */
export const dashboard = {
  name: "Eight questions",
  slug: "eight-questions",
  layout: {
    kind: "grid",
    widgets: questions.map(({ title, chart, query }, i) => ({
      type: chart === "table" ? "table" : "chart",
      chart_type: chart,
      title,
      position: { x: (i % 2) * 6, y: Math.floor(i / 2) * 5, w: 6, h: 5 },
      data_source: { query },
    })),
  },
};
