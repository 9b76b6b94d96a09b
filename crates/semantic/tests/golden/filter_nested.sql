-- {"columns":["carrier"],"filter":{"or":[{"and":[{"column":"carrier","op":"eq","value":"UA"},{"or":[{"column":"dep_delay","op":"gt","value":15},{"column":"dep_delay","op":"is_null"}]}]},{"column":"origin","op":"eq","value":"JFK"}]}}
SELECT t."carrier" AS "carrier"
FROM "s_1"."main"."data" AS t
WHERE ((t."carrier" = 'UA' AND (t."dep_delay" > 15 OR t."dep_delay" IS NULL)) OR t."origin" = 'JFK')
LIMIT 1001
