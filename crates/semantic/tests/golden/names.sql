-- {"dimensions":[{"as":"carrier","column":"origin"},{"column":"carrier"},{"column":"day","grain":"year"},{"column":"day","grain":"month"}],"measures":[{"agg":"count","as":"Total \"flights\""},{"agg":"count"},{"agg":"count"}],"order":[{"by":"origin"},{"by":"Total \"flights\"","dir":"desc"}]}
SELECT t."origin" AS "carrier", t."carrier" AS "carrier_2", CAST(date_trunc('year', t."day") AS DATE) AS "day", CAST(date_trunc('month', t."day") AS DATE) AS "day_2", count(*) AS "Total ""flights""", count(*) AS "count", count(*) AS "count_2"
FROM "s_1"."main"."data" AS t
GROUP BY 1, 2, 3, 4
ORDER BY 1 ASC NULLS LAST, 5 DESC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST
LIMIT 1001
