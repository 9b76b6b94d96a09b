-- {"dimensions":[{"column":"carrier"},{"column":"origin"}]}
SELECT t."carrier" AS "carrier", t."origin" AS "origin"
FROM "s_1"."main"."data" AS t
GROUP BY 1, 2
ORDER BY 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 1001
