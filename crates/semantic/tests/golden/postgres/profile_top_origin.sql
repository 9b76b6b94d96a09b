SELECT left(t."origin", 200) AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."origin" IS NOT NULL
GROUP BY t."origin"
ORDER BY 2 DESC NULLS LAST, (t."origin") COLLATE "C" ASC NULLS LAST
LIMIT 20
