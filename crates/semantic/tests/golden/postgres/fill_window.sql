WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM (SELECT t."time_hour", timezone('America/New_York', CAST(t."time_hour" AS TIMESTAMPTZ)) AS "time_hour (local)" FROM "public"."flights" AS t) AS t WHERE (t."time_hour" >= TIMESTAMP '2024-05-08 04:00:00' AND t."time_hour" < TIMESTAMP '2024-05-15 04:00:00')),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('day', t."time_hour (local)") AS TIMESTAMP) AS "k1", count(*) AS "m1" FROM "picked" AS t GROUP BY 1) AS g),
"ends" AS MATERIALIZED (SELECT least(min(g."k1"), CAST(date_trunc('day', TIMESTAMP '2024-05-08 00:00:00') AS TIMESTAMP)) AS "lo", greatest(max(g."k1"), CAST(date_trunc('day', TIMESTAMP '2024-05-14 23:59:59.999999') AS TIMESTAMP)) AS "hi" FROM "grouped" AS g),
"periods" AS NOT MATERIALIZED (SELECT generate_series(CAST(e.lo AS TIMESTAMP), CAST(CASE WHEN ((CAST(CAST(e.hi AS TIMESTAMP) AS DATE) - CAST(CAST(e.lo AS TIMESTAMP) AS DATE)) / 1 + 1) * 1 > 100000 THEN CAST(('orrery_fill_too_large ' || CAST(((CAST(CAST(e.hi AS TIMESTAMP) AS DATE) - CAST(CAST(e.lo AS TIMESTAMP) AS DATE)) / 1 + 1) * 1 AS TEXT)) AS TIMESTAMP) ELSE CAST(e.hi AS TIMESTAMP) END AS TIMESTAMP), INTERVAL '1 day') AS "k1" FROM "ends" AS e),
"places" AS NOT MATERIALIZED (SELECT p."k1" FROM "periods" AS p),
"spread" AS NOT MATERIALIZED (SELECT coalesce(s."k1", g."k1") AS "k1", g."m1", g.there IS NULL AS missing FROM "places" AS s FULL JOIN (SELECT g.*, TRUE AS there FROM "grouped" AS g) AS g ON jsonb_build_array(s."k1") = jsonb_build_array(g."k1")),
"filled" AS MATERIALIZED (SELECT g."k1", CASE WHEN g.missing THEN 0 ELSE g."m1" END AS "m1" FROM "spread" AS g)
SELECT timezone('UTC', timezone('America/New_York', g."k1")) AS "time_hour", g."m1" AS "count"
FROM "filled" AS g
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
