-- {"dimensions":[{"column":"carrier"}],"measures":[{"agg":"avg","column":"dep_delay"},{"agg":"sum","column":"fare"}]}
SELECT t."carrier" AS "carrier", avg(t."dep_delay") AS "avg_dep_delay", sum(t."fare") AS "sum_fare"
FROM "s_1"."main"."data" AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
