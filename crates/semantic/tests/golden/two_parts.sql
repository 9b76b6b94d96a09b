-- {"dimensions":[{"column":"carrier"}],"measures":[{"agg":"count"}]}
SELECT t."carrier" AS "carrier", count(*) AS "count"
FROM (SELECT "carrier" FROM "s_1"."main"."data" UNION ALL SELECT "carrier" FROM "s_2"."main"."data") AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
