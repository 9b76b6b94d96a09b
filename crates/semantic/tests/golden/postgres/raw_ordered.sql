SELECT t."carrier" AS "carrier"
FROM "public"."flights" AS t
ORDER BY t."dep_delay" DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
