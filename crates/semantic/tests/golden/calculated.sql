-- {"dimensions":[{"column":"how"},{"column":"hour"}],"filter":{"column":"late","op":"is_not_null"},"measures":[{"agg":"count"}],"timezone":"Europe/Berlin"}
SELECT t."how" AS "how", t."hour" AS "hour", count(*) AS "count"
FROM (SELECT ((CASE WHEN ((t."dep_delay" > 15)) THEN 'late' ELSE 'on time' END)) AS "how", ((hour(timezone('Europe/Berlin', timezone('UTC', t."time_hour"))))) AS "hour", ((t."dep_delay" > 15)) AS "late" FROM "s_1"."main"."data" AS t) AS t
WHERE t."late" IS NOT NULL
GROUP BY 1, 2
ORDER BY 3 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 1001
