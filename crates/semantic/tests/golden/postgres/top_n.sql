WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t WHERE t."origin" = 'JFK')
SELECT CAST(date_trunc('month', t."day") AS DATE) AS "day", t."carrier" AS "carrier", sum(t."fare") AS "sum_fare"
FROM "picked" AS t
WHERE t."carrier" IN (SELECT t."carrier" FROM "picked" AS t WHERE t."carrier" IS NOT NULL GROUP BY 1 ORDER BY sum(t."fare") DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST LIMIT 3)
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
