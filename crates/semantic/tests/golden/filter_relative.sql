-- {"columns":["carrier"],"filter":{"and":[{"column":"day","op":"relative","value":{"n":3,"unit":"month"}},{"column":"time_hour","op":"relative","value":{"of":"current","unit":"week"}},{"column":"time_hour","op":"relative","value":{"of":"to_date","unit":"year"}},{"column":"day","op":"relative","value":{"of":"next","unit":"quarter"}}]}}
SELECT t."carrier" AS "carrier"
FROM "s_1"."main"."data" AS t
WHERE (t."day" >= DATE '2024-02-01' AND t."day" < DATE '2024-05-01') AND (t."time_hour" >= TIMESTAMP '2024-05-13 00:00:00' AND t."time_hour" < TIMESTAMP '2024-05-20 00:00:00') AND (t."time_hour" >= TIMESTAMP '2024-01-01 00:00:00' AND t."time_hour" < TIMESTAMP '2024-05-15 10:21:00') AND (t."day" >= DATE '2024-07-01' AND t."day" < DATE '2024-10-01')
LIMIT 1001
