SELECT t."distance" - (t."distance" % CAST(500 AS BIGINT) + 500) % 500 AS "distance", count(*) AS "count"
FROM "public"."flights" AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
