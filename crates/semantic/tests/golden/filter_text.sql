-- {"columns":["carrier"],"filter":{"and":[{"column":"carrier","op":"eq","value":"O'Hare"},{"column":"carrier","op":"ne","value":"B6"},{"column":"origin","op":"in","value":["JFK","LGA"]},{"column":"origin","op":"not_in","value":["EWR"]}]}}
SELECT t."carrier" AS "carrier"
FROM "s_1"."main"."data" AS t
WHERE t."carrier" = 'O''Hare' AND t."carrier" IS DISTINCT FROM 'B6' AND t."origin" IN ('JFK', 'LGA') AND (t."origin" NOT IN ('EWR') OR t."origin" IS NULL)
LIMIT 1001
