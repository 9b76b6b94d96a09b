SELECT t."carrier" AS "carrier", CAST(date_trunc('month', t."day") AS DATE) AS "day", avg(CAST(t."fare" AS DOUBLE PRECISION)) AS "avg_fare", count(DISTINCT t."origin") AS "count_distinct_origin", GROUPING(t."carrier", CAST(date_trunc('month', t."day") AS DATE)) AS "grouping_id"
FROM "public"."flights" AS t
GROUP BY GROUPING SETS ((t."carrier", CAST(date_trunc('month', t."day") AS DATE)), (t."carrier"), (CAST(date_trunc('month', t."day") AS DATE)), ())
ORDER BY 5 DESC NULLS LAST, 2 ASC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
