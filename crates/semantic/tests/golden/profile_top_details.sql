SELECT left(CAST(t."details" AS VARCHAR), 200) AS "value", count(*) AS "count"
FROM "s_1"."main"."data" AS t
WHERE t."details" IS NOT NULL
GROUP BY CAST(t."details" AS VARCHAR)
ORDER BY 2 DESC NULLS LAST, CAST(t."details" AS VARCHAR) ASC NULLS LAST
LIMIT 20
