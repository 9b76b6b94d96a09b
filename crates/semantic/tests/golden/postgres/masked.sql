SELECT t."carrier" AS "carrier", t."how" AS "how", sum(CAST(t."dep_delay" AS DOUBLE PRECISION)) AS "sum_dep_delay"
FROM (SELECT CAST('***' AS TEXT) AS "carrier", ((CASE WHEN ((CAST(NULL AS DOUBLE PRECISION) > 15)) THEN 'late' ELSE 'on time' END)) AS "how", CAST(NULL AS DOUBLE PRECISION) AS "dep_delay" FROM (SELECT t."carrier", t."dep_delay" FROM "public"."flights" AS t WHERE t."origin" = 'JFK' LIMIT 9223372036854775807) AS t) AS t
GROUP BY 1, 2
ORDER BY 3 DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST, (t."how") COLLATE "C" ASC NULLS LAST
LIMIT 1001
