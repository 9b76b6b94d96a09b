-- {"dimensions":[{"bin":{"width":15},"column":"dep_delay"}],"measures":[{"agg":"count"}]}
SELECT floor(round(CAST(t."dep_delay" AS DOUBLE) / 1.5e1, 9)) * 1.5e1 AS "dep_delay", count(*) AS "count"
FROM "s_1"."main"."data" AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
