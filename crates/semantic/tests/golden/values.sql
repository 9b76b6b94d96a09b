SELECT t."carrier" AS "value", count(*) AS "count"
FROM "s_1"."main"."data" AS t
WHERE t."carrier" IS NOT NULL AND contains(lower(t."carrier"), lower('o''h'))
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 20
