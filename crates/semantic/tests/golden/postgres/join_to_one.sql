SELECT t."1.name" AS "airlines.name", t."carrier" AS "carrier", sum(t."fare") AS "sum_fare", count(*) AS "count"
FROM (SELECT j0."carrier" AS "carrier", j0."fare" AS "fare", j1."name" AS "1.name", j1."origin" AS "1.origin" FROM "public"."flights" AS j0 LEFT JOIN "public"."airlines" AS j1 ON j0."carrier" = j1."carrier") AS t
WHERE t."1.origin" = 'US'
GROUP BY 1, 2
ORDER BY 3 DESC NULLS LAST, (t."1.name") COLLATE "C" ASC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
