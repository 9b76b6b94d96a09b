SELECT t."distance" AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."distance" IS NOT NULL
GROUP BY t."distance"
ORDER BY 2 DESC NULLS LAST, t."distance" ASC NULLS LAST
LIMIT 20
