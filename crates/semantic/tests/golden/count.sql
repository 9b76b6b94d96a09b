-- {"measures":[{"agg":"count"}]}
SELECT count(*) AS "count"
FROM "s_1"."main"."data" AS t
LIMIT 1001
