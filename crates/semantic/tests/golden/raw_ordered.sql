-- {"columns":["carrier"],"order":[{"by":"dep_delay","dir":"desc"},{"by":"carrier"}]}
SELECT t."carrier" AS "carrier"
FROM "s_1"."main"."data" AS t
ORDER BY t."dep_delay" DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
