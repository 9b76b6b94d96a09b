-- {"dimensions":[{"column":"time_hour","grain":"hour"}],"measures":[{"agg":"count"}],"timezone":"America/New_York"}
SELECT date_trunc('hour', t."time_hour") AS "time_hour", count(*) AS "count"
FROM "s_1"."main"."data" AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
