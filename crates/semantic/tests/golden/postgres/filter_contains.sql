SELECT t."carrier" AS "carrier"
FROM "public"."flights" AS t
WHERE (strpos(lower(t."carrier"), lower('50%_''x')) > 0) AND (NOT (strpos(lower(t."carrier"), lower('a')) > 0) OR t."carrier" IS NULL) AND starts_with(lower(t."carrier"), lower('U')) AND (right(t."carrier", length('A')) = 'A')
LIMIT 1001
