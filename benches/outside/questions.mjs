// The eight typical questions over the demo's sales, and the dashboard made of them.
const revenue = { column: "amount", agg: "sum", as: "revenue" };
const by = (name, dir) => [{ by: name, dir }];

export const questions = [
  { title: "Revenue", chart: "number", query: { measures: [revenue] } },
  {
    title: "Revenue by month",
    chart: "line",
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
    query: { dimensions: [{ column: "product" }], measures: [revenue], order: by("revenue", "desc") },
  },
  {
    title: "Revenue by region",
    chart: "pie",
    query: { dimensions: [{ column: "region" }], measures: [revenue], order: by("revenue", "desc"), limit: 100 },
  },
  {
    title: "Region and product",
    chart: "heatmap",
    query: { dimensions: [{ column: "region" }, { column: "product" }], measures: [revenue], limit: 10000 },
  },
  {
    title: "Top 100 customers",
    chart: "table",
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
    query: {
      dimensions: [{ column: "date", grain: "year" }, { column: "region" }, { column: "product" }],
      measures: [revenue, { column: "quantity", agg: "sum", as: "units" }],
      limit: 10000,
    },
  },
  {
    title: "Distribution of the amount",
    chart: "bar",
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
