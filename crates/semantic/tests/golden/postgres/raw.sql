SELECT t."day" AS "day", t."carrier" AS "carrier", t."carrier" AS "carrier_2", t."fare" AS "fare"
FROM "public"."flights" AS t
LIMIT 11
OFFSET 20
