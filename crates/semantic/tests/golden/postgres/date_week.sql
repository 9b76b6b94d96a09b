SELECT t."carrier" AS "carrier", CAST(date_trunc('week', t."day") AS DATE) AS "day", count(*) AS "count"
FROM "public"."flights" AS t
GROUP BY 1, 2
ORDER BY 2 ASC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
