SELECT t."dep_delay" AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."dep_delay" IS NOT NULL
GROUP BY t."dep_delay"
ORDER BY 2 DESC NULLS LAST, t."dep_delay" ASC NULLS LAST
LIMIT 20
