WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('month', t."day") AS DATE) AS "k1", t."carrier" AS "k2", count(*) AS "m1" FROM "picked" AS t GROUP BY 1, 2) AS g),
"calculated" AS NOT MATERIALIZED (SELECT g.*, (CAST(g."m1" AS DOUBLE PRECISION) - CAST(lag(g."m1") OVER (PARTITION BY g."k2" ORDER BY g."k1" ASC NULLS LAST) AS DOUBLE PRECISION)) / nullif(abs(CAST(lag(g."m1") OVER (PARTITION BY g."k2" ORDER BY g."k1" ASC NULLS LAST) AS DOUBLE PRECISION)), 0) * 100 AS "c1" FROM "grouped" AS g)
SELECT g."k1" AS "day", g."k2" AS "carrier", g."c1" AS "count"
FROM "calculated" AS g
WHERE g."c1" > 5
ORDER BY 1 ASC NULLS LAST, (g."k2") COLLATE "C" ASC NULLS LAST
LIMIT 1001
