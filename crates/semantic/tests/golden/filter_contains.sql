-- {"columns":["carrier"],"filter":{"and":[{"column":"carrier","op":"contains","value":"50%_'x"},{"column":"carrier","op":"not_contains","value":"a"},{"column":"carrier","op":"starts_with","value":"U"},{"case_sensitive":true,"column":"carrier","op":"ends_with","value":"A"}]}}
SELECT t."carrier" AS "carrier"
FROM "s_1"."main"."data" AS t
WHERE contains(lower(t."carrier"), lower('50%_''x')) AND (NOT contains(lower(t."carrier"), lower('a')) OR t."carrier" IS NULL) AND starts_with(lower(t."carrier"), lower('U')) AND ends_with(t."carrier", 'A')
LIMIT 1001
