-- {"dimensions":[{"bin":{"count":10},"column":"fare"}],"measures":[{"agg":"count"}]}
WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "s_1"."main"."data" AS t)
SELECT CASE WHEN CAST(t."fare" AS DOUBLE) >= b1.hi THEN b1.lo + 9 * b1.step ELSE b1.lo + floor((CAST(t."fare" AS DOUBLE) - b1.lo) / b1.step) * b1.step END AS "fare", count(*) AS "count"
FROM "picked" AS t, (SELECT r.lo, r.hi, (r.hi - r.lo) / 10 AS "step" FROM (SELECT CAST(min(t."fare") AS DOUBLE) AS "lo", CAST(max(t."fare") AS DOUBLE) AS "hi" FROM "picked" AS t) AS r) AS b1
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
