SELECT t."carrier" AS "carrier", count(*) AS "count"
FROM "public"."flights" AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
