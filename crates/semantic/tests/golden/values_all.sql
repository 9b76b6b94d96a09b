SELECT CAST(t."details" AS VARCHAR) AS "value", count(*) AS "count"
FROM "s_1"."main"."data" AS t
WHERE t."details" IS NOT NULL
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 10000
