SELECT left(CAST(t."details" AS TEXT), 200) AS "value", count(*) AS "count"
FROM (SELECT CAST("details" AS TEXT) AS "details" FROM "public"."flights") AS t
WHERE t."details" IS NOT NULL
GROUP BY CAST(t."details" AS TEXT)
ORDER BY 2 DESC NULLS LAST, CAST(t."details" AS TEXT) ASC NULLS LAST
LIMIT 20
