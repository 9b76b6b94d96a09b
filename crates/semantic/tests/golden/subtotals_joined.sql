-- {"dimensions":[{"column":"airport"}],"joins":[{"dataset":"incidents","on":[["carrier","carrier"]]}],"measures":[{"agg":"sum","column":"fare"}],"subtotals":[[]]}
WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM (SELECT j0."fare" AS "fare", j0."(row)" AS "(row)", j1."airport" AS "1.airport" FROM (SELECT "carrier", "fare", rowid AS "(row)" FROM "s_1"."main"."data") AS j0 LEFT JOIN "j_1"."main"."data" AS j1 ON j0."carrier" = j1."carrier") AS t),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT u."k1" AS "k1", u."m1", 0 AS "sets" FROM (SELECT d."k1", d0."a1" AS "m1" FROM (SELECT t."1.airport" AS "k1" FROM "picked" AS t GROUP BY 1) AS d LEFT JOIN (SELECT t."k1" AS "k1", sum(t."fare") AS "a1" FROM (SELECT t."1.airport" AS "k1", any_value(t."fare") AS "fare" FROM "picked" AS t WHERE t."(row)" IS NOT NULL GROUP BY 1, t."(row)") AS t GROUP BY 1) AS d0 ON d."k1" IS NOT DISTINCT FROM d0."k1") AS u UNION ALL SELECT NULL AS "k1", u."m1", 1 AS "sets" FROM (SELECT d0."a1" AS "m1" FROM (SELECT 1 AS one) AS d LEFT JOIN (SELECT sum(t."fare") AS "a1" FROM (SELECT any_value(t."fare") AS "fare" FROM "picked" AS t WHERE t."(row)" IS NOT NULL GROUP BY t."(row)") AS t) AS d0 ON TRUE) AS u) AS g)
SELECT g."k1" AS "airport", g."m1" AS "sum_fare", g."sets" AS "grouping_id"
FROM "grouped" AS g
ORDER BY 3 DESC NULLS LAST, 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
