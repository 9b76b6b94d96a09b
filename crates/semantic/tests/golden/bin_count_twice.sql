-- {"dimensions":[{"bin":{"count":5},"column":"distance"},{"bin":{"count":4},"column":"dep_delay"}],"filter":{"column":"carrier","op":"eq","value":"UA"}}
WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "s_1"."main"."data" AS t WHERE t."carrier" = 'UA')
SELECT b1.lo + floor((CAST(t."distance" AS DOUBLE) - b1.lo) / b1.step) * b1.step AS "distance", CASE WHEN NOT isfinite(CAST(t."dep_delay" AS DOUBLE)) THEN NULL WHEN CAST(t."dep_delay" AS DOUBLE) >= b2.hi THEN b2.lo + 3 * b2.step ELSE b2.lo + floor((CAST(t."dep_delay" AS DOUBLE) - b2.lo) / b2.step) * b2.step END AS "dep_delay"
FROM "picked" AS t, (SELECT r.lo, r.hi, greatest(1, ceil((r.hi - r.lo + 1) / 5)) AS "step" FROM (SELECT CAST(min(t."distance") AS DOUBLE) AS "lo", CAST(max(t."distance") AS DOUBLE) AS "hi" FROM "picked" AS t) AS r) AS b1, (SELECT r.lo, r.hi, (r.hi - r.lo) / 4 AS "step" FROM (SELECT min(CAST(t."dep_delay" AS DOUBLE)) FILTER (WHERE isfinite(CAST(t."dep_delay" AS DOUBLE))) AS "lo", max(CAST(t."dep_delay" AS DOUBLE)) FILTER (WHERE isfinite(CAST(t."dep_delay" AS DOUBLE))) AS "hi" FROM "picked" AS t) AS r) AS b2
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 1001
