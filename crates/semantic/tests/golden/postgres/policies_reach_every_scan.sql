WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM (SELECT t."carrier", t."distance" FROM "public"."flights" AS t WHERE t."origin" IN ('JFK') AND (t."cancelled" = FALSE OR t."carrier" = 'UA') LIMIT 9223372036854775807) AS t)
SELECT b1.lo + floor((CAST(t."distance" AS DOUBLE PRECISION) - b1.lo) / b1.step) * b1.step AS "distance", count(*) AS "count"
FROM "picked" AS t, (SELECT r.lo, r.hi, greatest(1, ceil((r.hi - r.lo + 1) / 2)) AS "step" FROM (SELECT CAST(min(t."distance") AS DOUBLE PRECISION) AS "lo", CAST(max(t."distance") AS DOUBLE PRECISION) AS "hi" FROM "picked" AS t) AS r) AS b1
WHERE t."carrier" IN (SELECT t."carrier" FROM "picked" AS t WHERE t."carrier" IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST LIMIT 1)
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
