-- {"filter":{"column":"time_hour","op":"relative","value":{"as_of":"latest","n":3,"unit":"month"}},"measures":[{"agg":"count"}],"timezone":"America/New_York"}
SELECT count(*) AS "count"
FROM "s_1"."main"."data" AS t
WHERE (t."time_hour" >= TIMESTAMP '2013-09-01 04:00:00' AND t."time_hour" < TIMESTAMP '2013-12-01 05:00:00')
LIMIT 1001
