SELECT t."day" AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."day" IS NOT NULL
GROUP BY t."day"
ORDER BY 2 DESC NULLS LAST, t."day" ASC NULLS LAST
LIMIT 20
