-- {"dimensions":[{"column":"time_hour","grain":"hour"}],"measures":[{"agg":"count"}],"timezone":"Asia/Kolkata"}
SELECT t."time_hour" - (t."time_hour (local)" - date_trunc('hour', t."time_hour (local)")) AS "time_hour", count(*) AS "count"
FROM (SELECT t."time_hour", CASE WHEN t."time_hour" >= TIMESTAMP '1970-01-01 00:00:00' AND t."time_hour" < TIMESTAMP '2050-01-01 00:00:00' THEN t."time_hour" + to_seconds(19800) ELSE timezone('Asia/Kolkata', timezone('UTC', t."time_hour")) END AS "time_hour (local)" FROM "s_1"."main"."data" AS t) AS t
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
