SELECT count(*) AS "count"
FROM "public"."flights" AS t
LIMIT 1001
