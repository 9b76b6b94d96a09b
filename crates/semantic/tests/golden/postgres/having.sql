SELECT t."carrier" AS "carrier", avg(CAST(t."dep_delay" AS DOUBLE PRECISION)) AS "avg_delay"
FROM "public"."flights" AS t
GROUP BY 1
HAVING (avg(CAST(t."dep_delay" AS DOUBLE PRECISION)) > 10 AND t."carrier" IS DISTINCT FROM 'UA')
ORDER BY 2 DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
