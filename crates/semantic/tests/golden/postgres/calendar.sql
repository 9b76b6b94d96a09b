SELECT CAST(date_trunc('week', (t."day" - INTERVAL '6 day')) + INTERVAL '6 day' AS DATE) AS "day", CAST(date_trunc('quarter', (CAST(date_trunc('month', t."time_hour") AS TIMESTAMP) - INTERVAL '1 month')) AS TIMESTAMP) + INTERVAL '1 month' AS "time_hour", CAST(date_trunc('year', (CAST(date_trunc('month', t."time_hour") AS TIMESTAMP) - INTERVAL '1 month')) AS TIMESTAMP) + INTERVAL '1 month' AS "time_hour_2", CAST(extract(isodow FROM t."day") AS BIGINT) AS "day_2", count(*) AS "count"
FROM "public"."flights" AS t
WHERE (t."day" >= DATE '2024-02-01' AND t."day" < DATE '2025-02-01')
GROUP BY 1, 2, 3, 4
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST, 4 ASC NULLS LAST
LIMIT 1001
