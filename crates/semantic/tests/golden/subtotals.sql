-- {"dimensions":[{"column":"carrier"},{"column":"day","grain":"month"}],"measures":[{"agg":"avg","column":"fare"},{"agg":"count_distinct","column":"origin"}],"subtotals":[["carrier"],["day"],[]]}
SELECT t."carrier" AS "carrier", CAST(date_trunc('month', t."day") AS DATE) AS "day", avg(t."fare") AS "avg_fare", count(DISTINCT t."origin") AS "count_distinct_origin", GROUPING(t."carrier", CAST(date_trunc('month', t."day") AS DATE)) AS "grouping_id"
FROM "s_1"."main"."data" AS t
GROUP BY GROUPING SETS ((t."carrier", CAST(date_trunc('month', t."day") AS DATE)), (t."carrier"), (CAST(date_trunc('month', t."day") AS DATE)), ())
ORDER BY 5 DESC NULLS LAST, 2 ASC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
