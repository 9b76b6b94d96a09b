WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('month', t."day") AS DATE) AS "k1", t."carrier" AS "k2", count(DISTINCT t."origin") AS "m1" FROM "picked" AS t GROUP BY 1, 2) AS g),
"whole_m1" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('month', t."day") AS DATE) AS "k1", count(DISTINCT t."origin") AS "m1" FROM "picked" AS t GROUP BY 1) AS g),
"calculated" AS NOT MATERIALIZED (SELECT g.*, CAST(g."m1" AS DOUBLE PRECISION) / nullif(wm1."m1", 0) AS "c1" FROM "grouped" AS g LEFT JOIN "whole_m1" AS wm1 ON jsonb_build_array(g."k1") = jsonb_build_array(wm1."k1"))
SELECT g."k1" AS "day", g."k2" AS "carrier", g."c1" AS "count_distinct_origin"
FROM "calculated" AS g
ORDER BY 1 ASC NULLS LAST, (g."k2") COLLATE "C" ASC NULLS LAST
LIMIT 1001
