SELECT t."carrier" AS "carrier", avg(CAST(t."dep_delay" AS DOUBLE PRECISION)) AS "avg_dep_delay", sum(t."fare") AS "sum_fare"
FROM "public"."flights" AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
