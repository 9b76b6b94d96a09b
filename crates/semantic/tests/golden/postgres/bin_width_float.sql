SELECT floor(CAST(round(CAST(CAST(t."dep_delay" AS DOUBLE PRECISION) / 1.5e1 AS NUMERIC), 9) AS DOUBLE PRECISION)) * 1.5e1 AS "dep_delay", count(*) AS "count"
FROM "public"."flights" AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
