WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "public"."flights" AS t WHERE (t."day" >= DATE '2024-01-10' AND t."day" <= DATE '2024-01-19')),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT count(*) AS "m1" FROM "picked" AS t) AS g),
"earlier" AS NOT MATERIALIZED (SELECT t.* FROM (SELECT CAST(t."day" + INTERVAL '10 day' AS DATE) AS "day (shifted)" FROM "public"."flights" AS t) AS t WHERE (t."day (shifted)" >= DATE '2024-01-10' AND t."day (shifted)" <= DATE '2024-01-19')),
"before" AS MATERIALIZED (SELECT g.* FROM (SELECT count(*) AS "m1" FROM "earlier" AS t) AS g),
"compared" AS MATERIALIZED (SELECT a."m1" AS "m1", b."m1" AS "p1" FROM "grouped" AS a, "before" AS b)
SELECT g."m1" AS "count", g."p1" AS "count_previous"
FROM "compared" AS g
LIMIT 1001
