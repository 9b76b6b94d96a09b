-- {"dimensions":[{"column":"carrier"},{"column":"day","grain":"week"}],"measures":[{"agg":"count"}]}
SELECT t."carrier" AS "carrier", CAST(date_trunc('week', t."day") AS DATE) AS "day", count(*) AS "count"
FROM "s_1"."main"."data" AS t
GROUP BY 1, 2
ORDER BY 2 ASC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
