-- {"measures":[{"agg":"count"}]}
SELECT count(*) AS "count"
FROM (SELECT 1 AS one FROM "s_1"."main"."data" UNION ALL SELECT 1 AS one FROM "s_2"."main"."data") AS t
LIMIT 1001
