SELECT count(*) AS "count"
FROM "public"."flights" AS t
WHERE (t."time_hour" >= TIMESTAMP '2013-09-01 04:00:00' AND t."time_hour" < TIMESTAMP '2013-12-01 05:00:00')
LIMIT 1001
