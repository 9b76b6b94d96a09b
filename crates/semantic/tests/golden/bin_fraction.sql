-- {"dimensions":[{"bin":{"width":0.25},"column":"dep_delay"}],"measures":[{"agg":"count"}]}
SELECT round(floor(round(CAST(t."dep_delay" AS DOUBLE) / 2.5e-1, 9)) * 2.5e-1, 2) AS "dep_delay", count(*) AS "count"
FROM "s_1"."main"."data" AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
