-- {"columns":["day","i.cost"],"joins":[{"as":"i","dataset":"incidents","on":[["carrier","carrier"],["day","at"]]}],"order":[{"by":"i.airport"}]}
SELECT t."day" AS "day", t."1.cost" AS "i.cost"
FROM (SELECT j0."day" AS "day", j1."cost" AS "1.cost", j1."airport" AS "1.airport" FROM "s_1"."main"."data" AS j0 LEFT JOIN "j_1"."main"."data" AS j1 ON (j0."carrier" = j1."carrier" AND j0."day" = j1."at")) AS t
ORDER BY t."1.airport" ASC NULLS LAST
LIMIT 1001
