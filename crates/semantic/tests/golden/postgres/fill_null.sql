WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('month', t."day") AS DATE) AS "k1", t."carrier" AS "k2", count(*) AS "m1" FROM "picked" AS t GROUP BY 1, 2) AS g),
"ends" AS MATERIALIZED (SELECT min(g."k1") AS "lo", max(g."k1") AS "hi" FROM "grouped" AS g),
"series" AS MATERIALIZED (SELECT g."k2" FROM "grouped" AS g GROUP BY 1),
"periods" AS NOT MATERIALIZED (SELECT CAST(generate_series(CAST(e.lo AS TIMESTAMP), CAST(CASE WHEN (((CAST(extract(year FROM CAST(e.hi AS TIMESTAMP)) AS BIGINT) - CAST(extract(year FROM CAST(e.lo AS TIMESTAMP)) AS BIGINT)) * 12 + CAST(extract(month FROM CAST(e.hi AS TIMESTAMP)) AS BIGINT) - CAST(extract(month FROM CAST(e.lo AS TIMESTAMP)) AS BIGINT)) / 1 + 1) * (SELECT count(*) FROM "series") > 100000 THEN CAST(('orrery_fill_too_large ' || CAST((((CAST(extract(year FROM CAST(e.hi AS TIMESTAMP)) AS BIGINT) - CAST(extract(year FROM CAST(e.lo AS TIMESTAMP)) AS BIGINT)) * 12 + CAST(extract(month FROM CAST(e.hi AS TIMESTAMP)) AS BIGINT) - CAST(extract(month FROM CAST(e.lo AS TIMESTAMP)) AS BIGINT)) / 1 + 1) * (SELECT count(*) FROM "series") AS TEXT)) AS TIMESTAMP) ELSE CAST(e.hi AS TIMESTAMP) END AS TIMESTAMP), INTERVAL '1 month') AS DATE) AS "k1" FROM "ends" AS e),
"places" AS NOT MATERIALIZED (SELECT p."k1", s."k2" FROM "periods" AS p, "series" AS s),
"spread" AS NOT MATERIALIZED (SELECT coalesce(s."k1", g."k1") AS "k1", coalesce(s."k2", g."k2") AS "k2", g."m1", g.there IS NULL AS missing FROM "places" AS s FULL JOIN (SELECT g.*, TRUE AS there FROM "grouped" AS g) AS g ON jsonb_build_array(s."k1", s."k2") = jsonb_build_array(g."k1", g."k2")),
"filled" AS MATERIALIZED (SELECT g."k1", g."k2", g."m1" FROM "spread" AS g)
SELECT g."k1" AS "day", g."k2" AS "carrier", g."m1" AS "count"
FROM "filled" AS g
ORDER BY 1 ASC NULLS LAST, (g."k2") COLLATE "C" ASC NULLS LAST
LIMIT 1001
