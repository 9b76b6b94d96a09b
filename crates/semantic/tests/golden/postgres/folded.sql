SELECT CAST(extract(hour FROM t."time_hour") AS BIGINT) AS "time_hour", CAST(extract(isodow FROM t."day") AS BIGINT) AS "day", CAST(extract(month FROM t."day") AS BIGINT) AS "day_2", count(*) AS "count"
FROM "public"."flights" AS t
GROUP BY 1, 2, 3
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT 1001
