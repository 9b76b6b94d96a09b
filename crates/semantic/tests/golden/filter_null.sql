-- {"columns":["carrier"],"filter":{"or":[{"column":"carrier","op":"is_null"},{"column":"origin","op":"is_not_null"},{"column":"cancelled","op":"is_true"},{"column":"cancelled","op":"is_false"},{"column":"carrier","op":"eq","value":null},{"column":"carrier","op":"ne","value":null},{"column":"carrier","op":"in","value":["UA",null]},{"column":"carrier","op":"not_in","value":["UA",null]},{"column":"carrier","op":"in","value":[]},{"column":"carrier","op":"not_in","value":[]},{"and":[]},{"or":[]}]}}
SELECT t."carrier" AS "carrier"
FROM "s_1"."main"."data" AS t
WHERE (t."carrier" IS NULL OR t."origin" IS NOT NULL OR t."cancelled" = TRUE OR t."cancelled" = FALSE OR t."carrier" IS NULL OR t."carrier" IS NOT NULL OR (t."carrier" IN ('UA') OR t."carrier" IS NULL) OR (t."carrier" NOT IN ('UA') AND t."carrier" IS NOT NULL) OR FALSE OR TRUE OR TRUE OR FALSE)
LIMIT 1001
