SELECT t."carrier" AS "carrier"
FROM "public"."flights" AS t
WHERE t."carrier" = 'O''Hare' AND t."carrier" IS DISTINCT FROM 'B6' AND t."origin" IN ('JFK', 'LGA') AND (t."origin" NOT IN ('EWR') OR t."origin" IS NULL)
LIMIT 1001
