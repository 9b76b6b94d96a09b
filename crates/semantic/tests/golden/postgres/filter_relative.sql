SELECT t."carrier" AS "carrier"
FROM "public"."flights" AS t
WHERE (t."day" >= DATE '2024-02-01' AND t."day" < DATE '2024-05-01') AND (t."time_hour" >= TIMESTAMP '2024-05-13 00:00:00' AND t."time_hour" < TIMESTAMP '2024-05-20 00:00:00') AND (t."time_hour" >= TIMESTAMP '2024-01-01 00:00:00' AND t."time_hour" < TIMESTAMP '2024-05-15 10:21:00') AND (t."day" >= DATE '2024-07-01' AND t."day" < DATE '2024-10-01')
LIMIT 1001
