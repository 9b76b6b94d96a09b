WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('month', t."day") AS DATE) AS "k1", t."carrier" AS "k2", sum(t."fare") AS "m1" FROM "picked" AS t GROUP BY 1, 2) AS g),
"calculated" AS NOT MATERIALIZED (SELECT g.*, g."m1" - CASE WHEN g."k1" IS NULL THEN NULL ELSE first_value(g."m1") OVER (PARTITION BY g."k2" ORDER BY CAST(g."k1" AS TIMESTAMP) RANGE BETWEEN INTERVAL '1 month' PRECEDING AND INTERVAL '1 month' PRECEDING) END AS "c1" FROM "grouped" AS g)
SELECT g."k1" AS "day", g."k2" AS "carrier", g."c1" AS "sum_fare"
FROM "calculated" AS g
ORDER BY 1 ASC NULLS LAST, (g."k2") COLLATE "C" ASC NULLS LAST
LIMIT 1001
