SELECT t."how" AS "how", t."hour" AS "hour", count(*) AS "count"
FROM (SELECT ((CASE WHEN ((t."dep_delay" > 15)) THEN 'late' ELSE 'on time' END)) AS "how", ((CAST(extract(hour FROM timezone('Europe/Berlin', CAST(t."time_hour" AS TIMESTAMPTZ))) AS BIGINT))) AS "hour", ((t."dep_delay" > 15)) AS "late" FROM "public"."flights" AS t) AS t
WHERE t."late" IS NOT NULL
GROUP BY 1, 2
ORDER BY 3 DESC NULLS LAST, (t."how") COLLATE "C" ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 1001
