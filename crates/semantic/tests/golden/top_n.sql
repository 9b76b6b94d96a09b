-- {"dimensions":[{"column":"day","grain":"month"},{"column":"carrier"}],"filter":{"and":[{"column":"carrier","op":"top_n","value":{"by":"sum_fare","n":3}},{"column":"origin","op":"eq","value":"JFK"}]},"measures":[{"agg":"sum","column":"fare"}]}
WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "s_1"."main"."data" AS t WHERE t."origin" = 'JFK')
SELECT CAST(date_trunc('month', t."day") AS DATE) AS "day", t."carrier" AS "carrier", sum(t."fare") AS "sum_fare"
FROM "picked" AS t
WHERE t."carrier" IN (SELECT t."carrier" FROM "picked" AS t WHERE t."carrier" IS NOT NULL GROUP BY 1 ORDER BY sum(t."fare") DESC NULLS LAST, 1 ASC NULLS LAST LIMIT 3)
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 1001
