SELECT t."day" AS "day", t."fare" AS "fare", t."details" AS "details"
FROM (SELECT "day", "fare", CAST("details" AS TEXT) AS "details" FROM "public"."flights") AS t
LIMIT 1001
