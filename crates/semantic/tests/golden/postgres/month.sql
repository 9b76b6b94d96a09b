SELECT CAST(date_trunc('month', t."time_hour") AS TIMESTAMP) AS "time_hour", count(*) AS "count"
FROM "public"."flights" AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
