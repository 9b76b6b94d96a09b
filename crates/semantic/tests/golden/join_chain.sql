-- {"dimensions":[{"column":"continent"}],"joins":[{"dataset":"airlines","on":[["carrier","carrier"]]},{"dataset":"countries","kind":"inner","on":[["airlines.origin","origin"]]}],"measures":[{"agg":"avg","column":"dep_delay"}]}
SELECT t."2.continent" AS "continent", avg(t."dep_delay") AS "avg_dep_delay"
FROM (SELECT j0."dep_delay" AS "dep_delay", j2."continent" AS "2.continent" FROM "s_1"."main"."data" AS j0 LEFT JOIN "j_1"."main"."data" AS j1 ON j0."carrier" = j1."carrier" JOIN "j_1"."main"."data" AS j2 ON j1."origin" = j2."origin") AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
