-- {"dimensions":[{"column":"day","grain":"month"},{"column":"carrier"}],"fill":"zero","measures":[{"agg":"count"}]}
WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "s_1"."main"."data" AS t),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('month', t."day") AS DATE) AS "k1", t."carrier" AS "k2", count(*) AS "m1" FROM "picked" AS t GROUP BY 1, 2) AS g),
"ends" AS MATERIALIZED (SELECT min(g."k1") AS "lo", max(g."k1") AS "hi" FROM "grouped" AS g),
"series" AS MATERIALIZED (SELECT g."k2" FROM "grouped" AS g GROUP BY 1),
"periods" AS NOT MATERIALIZED (SELECT CAST(unnest(generate_series(CAST(e.lo AS TIMESTAMP), CAST(CASE WHEN (date_diff('month', CAST(e.lo AS TIMESTAMP), CAST(e.hi AS TIMESTAMP)) // 1 + 1) * (SELECT count(*) FROM "series") > 100000 THEN CAST(error('orrery_fill_too_large ' || CAST((date_diff('month', CAST(e.lo AS TIMESTAMP), CAST(e.hi AS TIMESTAMP)) // 1 + 1) * (SELECT count(*) FROM "series") AS VARCHAR)) AS TIMESTAMP) ELSE CAST(e.hi AS TIMESTAMP) END AS TIMESTAMP), INTERVAL 1 MONTH)) AS DATE) AS "k1" FROM "ends" AS e),
"places" AS NOT MATERIALIZED (SELECT p."k1", s."k2" FROM "periods" AS p, "series" AS s),
"spread" AS NOT MATERIALIZED (SELECT coalesce(s."k1", g."k1") AS "k1", coalesce(s."k2", g."k2") AS "k2", g."m1", g.there IS NULL AS missing FROM "places" AS s FULL JOIN (SELECT g.*, TRUE AS there FROM "grouped" AS g) AS g ON (s."k1" IS NOT DISTINCT FROM g."k1" AND s."k2" IS NOT DISTINCT FROM g."k2")),
"filled" AS MATERIALIZED (SELECT g."k1", g."k2", CASE WHEN g.missing THEN 0 ELSE g."m1" END AS "m1" FROM "spread" AS g)
SELECT g."k1" AS "day", g."k2" AS "carrier", g."m1" AS "count"
FROM "filled" AS g
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 1001
