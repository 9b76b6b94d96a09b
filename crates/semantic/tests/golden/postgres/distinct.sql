SELECT t."carrier" AS "carrier", t."origin" AS "origin"
FROM "public"."flights" AS t
GROUP BY 1, 2
ORDER BY (t."carrier") COLLATE "C" ASC NULLS LAST, (t."origin") COLLATE "C" ASC NULLS LAST
LIMIT 1001
