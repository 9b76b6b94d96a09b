SELECT left(t."origin", 200) AS "value", count(*) AS "count"
FROM "s_1"."main"."data" AS t
WHERE t."origin" IS NOT NULL
GROUP BY t."origin"
ORDER BY 2 DESC NULLS LAST, t."origin" ASC NULLS LAST
LIMIT 20
