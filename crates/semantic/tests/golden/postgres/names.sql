SELECT t."origin" AS "carrier", t."carrier" AS "carrier_2", CAST(date_trunc('year', t."day") AS DATE) AS "day", CAST(date_trunc('month', t."day") AS DATE) AS "day_2", count(*) AS "Total ""flights""", count(*) AS "count", count(*) AS "count_2"
FROM "public"."flights" AS t
GROUP BY 1, 2, 3, 4
ORDER BY (t."origin") COLLATE "C" ASC NULLS LAST, 5 DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST
LIMIT 1001
