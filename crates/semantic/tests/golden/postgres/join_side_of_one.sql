WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM (SELECT j0."distance" AS "distance", j1."fleet" AS "1.fleet", j1."(row)" AS "1.(row)" FROM "public"."flights" AS j0 LEFT JOIN (SELECT "carrier", "fleet", row_number() OVER () AS "(row)" FROM "public"."airlines") AS j1 ON j0."carrier" = j1."carrier") AS t),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT d1."a1" AS "m1", d."a2" AS "m2" FROM (SELECT sum(t."distance") AS "a2" FROM "picked" AS t) AS d LEFT JOIN (SELECT sum(t."1.fleet") AS "a1" FROM (SELECT (array_agg(t."1.fleet"))[1] AS "1.fleet" FROM "picked" AS t WHERE t."1.(row)" IS NOT NULL GROUP BY t."1.(row)") AS t) AS d1 ON TRUE) AS g)
SELECT g."m1" AS "sum_fleet", g."m2" AS "sum_distance"
FROM "grouped" AS g
LIMIT 1001
