-- {"columns":["carrier"],"filter":{"and":[{"column":"distance","op":"gt","value":100},{"column":"dep_delay","op":"gte","value":-1.5},{"column":"fare","op":"lt","value":"1234567890123456789.25"},{"column":"fare","op":"lte","value":1e+300},{"column":"distance","op":"between","value":[1,10]},{"column":"dep_delay","op":"not_between","value":[0,0.5]}]}}
SELECT t."carrier" AS "carrier"
FROM "s_1"."main"."data" AS t
WHERE t."distance" > 100 AND t."dep_delay" >= -1.5 AND t."fare" < 1234567890123456789.25 AND t."fare" <= 1e300 AND (t."distance" >= 1 AND t."distance" <= 10) AND (t."dep_delay" < 0 OR t."dep_delay" > 0.5 OR t."dep_delay" IS NULL)
LIMIT 1001
