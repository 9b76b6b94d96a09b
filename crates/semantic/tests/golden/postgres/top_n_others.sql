WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t WHERE t."cancelled" = FALSE),
"top1" AS MATERIALIZED (SELECT g."k1" AS "member" FROM (SELECT t."carrier" AS "k1", avg(CAST(t."fare" AS DOUBLE PRECISION)) AS "m1" FROM "picked" AS t WHERE t."carrier" IS NOT NULL GROUP BY 1) AS g ORDER BY g."m1" DESC NULLS LAST, (g."k1") COLLATE "C" ASC NULLS LAST LIMIT 3),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CASE WHEN t."carrier" IN (SELECT m.member FROM "top1" AS m) THEN t."carrier" ELSE NULL END AS "k1", avg(CAST(t."fare" AS DOUBLE PRECISION)) AS "m1", count(DISTINCT t."origin") AS "m2" FROM "picked" AS t GROUP BY 1) AS g)
SELECT coalesce(g."k1", CASE WHEN 'Others' IN (SELECT m.member FROM "top1" AS m) THEN CASE WHEN 'Others (rest)' IN (SELECT m.member FROM "top1" AS m) THEN 'Others (all the rest)' ELSE 'Others (rest)' END ELSE 'Others' END) AS "carrier", g."m1" AS "avg_fare", g."m2" AS "count_distinct_origin"
FROM "grouped" AS g
ORDER BY CASE WHEN g."k1" IS NULL THEN 1 ELSE 0 END, 2 DESC NULLS LAST, (coalesce(g."k1", CASE WHEN 'Others' IN (SELECT m.member FROM "top1" AS m) THEN CASE WHEN 'Others (rest)' IN (SELECT m.member FROM "top1" AS m) THEN 'Others (all the rest)' ELSE 'Others (rest)' END ELSE 'Others' END)) COLLATE "C" ASC NULLS LAST
LIMIT 1001
