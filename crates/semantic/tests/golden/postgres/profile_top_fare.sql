SELECT t."fare" AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."fare" IS NOT NULL
GROUP BY t."fare"
ORDER BY 2 DESC NULLS LAST, t."fare" ASC NULLS LAST
LIMIT 20
