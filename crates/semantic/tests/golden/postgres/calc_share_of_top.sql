WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t),
"top1" AS MATERIALIZED (SELECT g."k1" AS "member" FROM (SELECT t."carrier" AS "k1", count(*) AS "m1" FROM "picked" AS t WHERE t."carrier" IS NOT NULL GROUP BY 1) AS g ORDER BY g."m1" DESC NULLS LAST, (g."k1") COLLATE "C" ASC NULLS LAST LIMIT 3),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT t."carrier" AS "k1", sum(t."fare") AS "m1", count(*) AS "m2" FROM "picked" AS t GROUP BY 1) AS g),
"calculated" AS NOT MATERIALIZED (SELECT g.*, CAST(g."m1" AS DOUBLE PRECISION) / nullif(sum(g."m1") OVER (), 0) AS "c1" FROM "grouped" AS g)
SELECT g."k1" AS "carrier", g."c1" AS "sum_fare", g."m2" AS "count"
FROM "calculated" AS g
WHERE g."k1" IN (SELECT m.member FROM "top1" AS m)
ORDER BY 2 DESC NULLS LAST, (g."k1") COLLATE "C" ASC NULLS LAST
LIMIT 1001
