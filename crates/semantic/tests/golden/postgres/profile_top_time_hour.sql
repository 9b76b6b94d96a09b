SELECT t."time_hour" AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."time_hour" IS NOT NULL
GROUP BY t."time_hour"
ORDER BY 2 DESC NULLS LAST, t."time_hour" ASC NULLS LAST
LIMIT 20
