SELECT t."2.continent" AS "continent", avg(CAST(t."dep_delay" AS DOUBLE PRECISION)) AS "avg_dep_delay"
FROM (SELECT j0."dep_delay" AS "dep_delay", j2."continent" AS "2.continent" FROM "public"."flights" AS j0 LEFT JOIN "public"."airlines" AS j1 ON j0."carrier" = j1."carrier" JOIN "public"."countries" AS j2 ON j1."origin" = j2."origin") AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, (t."2.continent") COLLATE "C" ASC NULLS LAST
LIMIT 1001
