-- {"dimensions":[{"column":"day","grain":"week"},{"column":"time_hour","grain":"quarter"},{"column":"time_hour","grain":"year"},{"column":"day","grain":"day_of_week"}],"filter":{"column":"day","op":"relative","value":{"of":"current","unit":"year"}},"fiscal_year_start":2,"measures":[{"agg":"count"}],"week_start":7}
SELECT CAST(date_trunc('week', (t."day" - INTERVAL 6 DAY)) + INTERVAL 6 DAY AS DATE) AS "day", date_trunc('quarter', (date_trunc('month', t."time_hour") - INTERVAL 1 MONTH)) + INTERVAL 1 MONTH AS "time_hour", date_trunc('year', (date_trunc('month', t."time_hour") - INTERVAL 1 MONTH)) + INTERVAL 1 MONTH AS "time_hour_2", isodow(t."day") AS "day_2", count(*) AS "count"
FROM "s_1"."main"."data" AS t
WHERE (t."day" >= DATE '2024-02-01' AND t."day" < DATE '2025-02-01')
GROUP BY 1, 2, 3, 4
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST
LIMIT 1001
