-- {"dimensions":[{"column":"carrier"},{"column":"how"}],"measures":[{"agg":"sum","column":"dep_delay"}]}
SELECT t."carrier" AS "carrier", t."how" AS "how", sum(t."dep_delay") AS "sum_dep_delay"
FROM (SELECT CAST('***' AS VARCHAR) AS "carrier", ((CASE WHEN ((CAST(NULL AS DOUBLE) > 15)) THEN 'late' ELSE 'on time' END)) AS "how", CAST(NULL AS DOUBLE) AS "dep_delay" FROM (SELECT t."carrier", t."dep_delay" FROM "s_1"."main"."data" AS t WHERE t."origin" = 'JFK' LIMIT 9223372036854775807) AS t) AS t
GROUP BY 1, 2
ORDER BY 3 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 1001
