-- {"columns":["day","carrier","carrier","fare"],"limit":10,"offset":20}
SELECT t."day" AS "day", t."carrier" AS "carrier", t."carrier" AS "carrier_2", t."fare" AS "fare"
FROM "s_1"."main"."data" AS t
LIMIT 11
OFFSET 20
