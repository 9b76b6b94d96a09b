SELECT t."carrier" AS "carrier"
FROM "public"."flights" AS t
WHERE t."distance" > 100 AND t."dep_delay" >= -1.5 AND t."fare" < 1234567890123456789.25 AND t."fare" <= 1e300 AND (t."distance" >= 1 AND t."distance" <= 10) AND (t."dep_delay" < 0 OR t."dep_delay" > 0.5 OR t."dep_delay" IS NULL)
LIMIT 1001
