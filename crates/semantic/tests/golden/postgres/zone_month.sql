SELECT timezone('UTC', timezone('Asia/Tokyo', CAST(date_trunc('month', t."time_hour (local)") AS TIMESTAMP))) AS "time_hour", count(*) AS "count"
FROM (SELECT t."time_hour", timezone('Asia/Tokyo', CAST(t."time_hour" AS TIMESTAMPTZ)) AS "time_hour (local)" FROM "public"."flights" AS t) AS t
GROUP BY CAST(date_trunc('month', t."time_hour (local)") AS TIMESTAMP)
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
