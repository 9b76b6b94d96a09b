-- {"dimensions":[{"column":"time_hour","grain":"hour_of_day"},{"column":"day","grain":"day_of_week"},{"column":"day","grain":"month_of_year"}],"measures":[{"agg":"count"}]}
SELECT hour(t."time_hour") AS "time_hour", isodow(t."day") AS "day", month(t."day") AS "day_2", count(*) AS "count"
FROM "s_1"."main"."data" AS t
GROUP BY 1, 2, 3
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST, 3 ASC NULLS LAST
LIMIT 1001
