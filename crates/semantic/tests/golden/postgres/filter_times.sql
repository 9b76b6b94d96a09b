SELECT t."carrier" AS "carrier"
FROM "public"."flights" AS t
WHERE t."day" >= DATE '2013-06-01' AND t."dep_time" < TIME '12:30:00' AND t."time_hour" >= TIMESTAMP '2013-06-01 04:00:00' AND (t."time_hour" >= TIMESTAMP '2013-06-01 00:00:00' AND t."time_hour" < TIMESTAMP '2013-07-01 00:00:00') AND (t."time_hour" < TIMESTAMP '2013-06-15 00:00:00' OR t."time_hour" >= TIMESTAMP '2013-06-16 00:00:00' OR t."time_hour" IS NULL) AND t."time_hour" >= TIMESTAMP '2013-06-03 00:00:00' AND ((t."time_hour" NOT IN (TIMESTAMP '2013-06-15 01:00:00') AND (t."time_hour" < TIMESTAMP '2013-06-20 00:00:00' OR t."time_hour" >= TIMESTAMP '2013-06-21 00:00:00')) OR t."time_hour" IS NULL)
LIMIT 1001
