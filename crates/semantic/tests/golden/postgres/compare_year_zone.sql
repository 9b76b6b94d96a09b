WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM (SELECT t."time_hour", timezone('Europe/Berlin', CAST(t."time_hour" AS TIMESTAMPTZ)) AS "time_hour (local)" FROM "public"."flights" AS t) AS t),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('day', t."time_hour (local)") AS TIMESTAMP) AS "k1", count(*) AS "m1" FROM "picked" AS t GROUP BY 1) AS g),
"earlier" AS NOT MATERIALIZED (SELECT t.* FROM (SELECT timezone('UTC', timezone('Europe/Berlin', (timezone('Europe/Berlin', CAST(t."time_hour" AS TIMESTAMPTZ))) + INTERVAL '1 year')) AS "time_hour (shifted)", (timezone('Europe/Berlin', CAST(t."time_hour" AS TIMESTAMPTZ))) + INTERVAL '1 year' AS "time_hour (local)" FROM "public"."flights" AS t WHERE (timezone('Europe/Berlin', CAST(t."time_hour" AS TIMESTAMPTZ))) + INTERVAL '1 year' - INTERVAL '1 year' = (timezone('Europe/Berlin', CAST(t."time_hour" AS TIMESTAMPTZ)))) AS t WHERE t."time_hour (shifted)" IS NOT NULL),
"before" AS MATERIALIZED (SELECT g.* FROM (SELECT CAST(date_trunc('day', t."time_hour (local)") AS TIMESTAMP) AS "k1", count(*) AS "m1" FROM "earlier" AS t GROUP BY 1) AS g),
"compared" AS MATERIALIZED (SELECT coalesce(a."k1", b."k1") AS "k1", a."m1" AS "m1", b."m1" AS "p1" FROM "grouped" AS a LEFT JOIN "before" AS b ON jsonb_build_array(a."k1") = jsonb_build_array(b."k1"))
SELECT timezone('UTC', timezone('Europe/Berlin', g."k1")) AS "time_hour", g."m1" AS "count", g."p1" AS "count_previous"
FROM "compared" AS g
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
