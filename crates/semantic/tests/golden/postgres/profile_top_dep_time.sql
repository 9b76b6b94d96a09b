SELECT t."dep_time" AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."dep_time" IS NOT NULL
GROUP BY t."dep_time"
ORDER BY 2 DESC NULLS LAST, t."dep_time" ASC NULLS LAST
LIMIT 20
