-- {"dimensions":[{"column":"carrier"}],"having":{"and":[{"column":"avg_delay","op":"gt","value":10},{"column":"carrier","op":"ne","value":"UA"}]},"measures":[{"agg":"avg","as":"avg_delay","column":"dep_delay"}],"order":[{"by":"avg_delay","dir":"desc"}]}
SELECT t."carrier" AS "carrier", avg(t."dep_delay") AS "avg_delay"
FROM "s_1"."main"."data" AS t
GROUP BY 1
HAVING (avg(t."dep_delay") > 10 AND t."carrier" IS DISTINCT FROM 'UA')
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
