-- {"dimensions":[{"bin":{"width":500},"column":"distance"}],"measures":[{"agg":"count"}]}
SELECT t."distance" - (t."distance" % CAST(500 AS BIGINT) + 500) % 500 AS "distance", count(*) AS "count"
FROM "s_1"."main"."data" AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
