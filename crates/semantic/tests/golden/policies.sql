-- {"dimensions":[{"column":"carrier"}],"measures":[{"agg":"count"}]}
SELECT t."carrier" AS "carrier", count(*) AS "count"
FROM (SELECT t."carrier" FROM "s_1"."main"."data" AS t WHERE t."origin" IN ('JFK') AND (t."cancelled" = FALSE OR t."carrier" = 'UA') LIMIT 9223372036854775807) AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
