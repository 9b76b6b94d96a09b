-- {"columns":["day","fare","details"]}
SELECT t."day" AS "day", t."fare" AS "fare", t."details" AS "details"
FROM (SELECT CAST(NULL AS DATE) AS "day", CAST(NULL AS DECIMAL(38, 6)) AS "fare", CAST(NULL AS VARCHAR) AS "details" WHERE FALSE) AS t
LIMIT 1001
