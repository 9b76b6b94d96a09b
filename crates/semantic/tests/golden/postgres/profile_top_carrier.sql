SELECT left(t."carrier", 200) AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."carrier" IS NOT NULL
GROUP BY t."carrier"
ORDER BY 2 DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 20
