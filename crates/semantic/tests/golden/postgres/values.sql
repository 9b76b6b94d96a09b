SELECT t."carrier" AS "value", count(*) AS "count"
FROM "public"."flights" AS t
WHERE t."carrier" IS NOT NULL AND (strpos(lower(t."carrier"), lower('o''h')) > 0)
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 20
