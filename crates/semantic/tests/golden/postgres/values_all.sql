SELECT CAST(t."details" AS TEXT) AS "value", count(*) AS "count"
FROM (SELECT CAST("details" AS TEXT) AS "details" FROM "public"."flights") AS t
WHERE t."details" IS NOT NULL
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, (CAST(t."details" AS TEXT)) COLLATE "C" ASC NULLS LAST
LIMIT 10000
