SELECT t."carrier" AS "carrier"
FROM "public"."flights" AS t
WHERE ((t."carrier" = 'UA' AND (t."dep_delay" > 15 OR t."dep_delay" IS NULL)) OR t."origin" = 'JFK')
LIMIT 1001
