SELECT CAST(t."time_hour" - (t."time_hour (local)" - CAST(date_trunc('hour', t."time_hour (local)") AS TIMESTAMP)) AS TIMESTAMP) AS "time_hour", count(*) AS "count"
FROM (SELECT t."time_hour", timezone('Asia/Kolkata', CAST(t."time_hour" AS TIMESTAMPTZ)) AS "time_hour (local)" FROM "public"."flights" AS t) AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
