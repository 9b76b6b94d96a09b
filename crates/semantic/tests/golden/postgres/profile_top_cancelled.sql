SELECT t."cancelled" AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."cancelled" IS NOT NULL
GROUP BY t."cancelled"
ORDER BY 2 DESC NULLS LAST, t."cancelled" ASC NULLS LAST
LIMIT 20
