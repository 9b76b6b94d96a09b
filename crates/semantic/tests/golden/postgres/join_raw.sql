SELECT t."day" AS "day", t."1.cost" AS "i.cost"
FROM (SELECT j0."day" AS "day", j1."cost" AS "1.cost", j1."airport" AS "1.airport" FROM "public"."flights" AS j0 LEFT JOIN "public"."incidents" AS j1 ON (j0."carrier" = j1."carrier" AND j0."day" = j1."at")) AS t
ORDER BY (t."1.airport") COLLATE "C" ASC NULLS LAST
LIMIT 1001
