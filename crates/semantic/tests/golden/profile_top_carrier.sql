SELECT left(t."carrier", 200) AS "value", count(*) AS "count"
FROM "s_1"."main"."data" AS t
WHERE t."carrier" IS NOT NULL
GROUP BY t."carrier"
ORDER BY 2 DESC NULLS LAST, t."carrier" ASC NULLS LAST
LIMIT 20
