WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t WHERE (t."day" >= DATE '2024-02-01' AND t."day" < DATE '2024-05-01')),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('month', t."day") AS DATE) AS "k1", t."carrier" AS "k2", sum(t."fare") AS "m1" FROM "picked" AS t GROUP BY 1, 2) AS g),
"earlier" AS NOT MATERIALIZED (SELECT t.* FROM (SELECT t."carrier", t."fare", CAST(t."day" + INTERVAL '3 month' AS DATE) AS "day (shifted)" FROM "public"."flights" AS t) AS t WHERE (t."day (shifted)" >= DATE '2024-02-01' AND t."day (shifted)" < DATE '2024-05-01')),
"before" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('month', t."day (shifted)") AS DATE) AS "k1", t."carrier" AS "k2", sum(t."fare") AS "m1" FROM "earlier" AS t GROUP BY 1, 2) AS g),
"compared" AS MATERIALIZED (SELECT coalesce(a."k1", b."k1") AS "k1", coalesce(a."k2", b."k2") AS "k2", a."m1" AS "m1", b."m1" AS "p1" FROM "grouped" AS a FULL JOIN "before" AS b ON jsonb_build_array(a."k1", a."k2") = jsonb_build_array(b."k1", b."k2"))
SELECT g."k1" AS "day", g."k2" AS "carrier", g."m1" AS "sum_fare", g."p1" AS "sum_fare_previous", g."m1" - g."p1" AS "sum_fare_change", (CAST(g."m1" AS DOUBLE PRECISION) - CAST(g."p1" AS DOUBLE PRECISION)) / nullif(abs(CAST(g."p1" AS DOUBLE PRECISION)), 0) * 100 AS "sum_fare_percent_change"
FROM "compared" AS g
ORDER BY 1 ASC NULLS LAST, (g."k2") COLLATE "C" ASC NULLS LAST
LIMIT 1001
