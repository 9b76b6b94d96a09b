SELECT t."distance" AS "value", count(*) AS "count"
FROM "s_1"."main"."data" AS t
WHERE t."distance" IS NOT NULL AND contains(lower(CAST(t."distance" AS VARCHAR)), lower('5'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 20
