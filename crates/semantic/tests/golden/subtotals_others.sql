-- {"dimensions":[{"column":"carrier"}],"filter":{"column":"carrier","op":"top_n","value":{"by":"count","n":3,"others":true}},"measures":[{"agg":"count"}],"subtotals":[[]]}
WITH "picked" AS NOT MATERIALIZED (SELECT t.* FROM "s_1"."main"."data" AS t),
"top1" AS MATERIALIZED (SELECT g."k1" AS "member" FROM (SELECT t."carrier" AS "k1", count(*) AS "m1" FROM "picked" AS t WHERE t."carrier" IS NOT NULL GROUP BY 1) AS g ORDER BY g."m1" DESC NULLS LAST, g."k1" ASC NULLS LAST LIMIT 3),
"grouped" AS MATERIALIZED (SELECT g.* FROM (SELECT u."k1" AS "k1", u."m1", 0 AS "sets" FROM (SELECT CASE WHEN t."carrier" IN (SELECT m.member FROM "top1" AS m) THEN t."carrier" ELSE NULL END AS "k1", count(*) AS "m1" FROM "picked" AS t GROUP BY 1) AS u UNION ALL SELECT NULL AS "k1", u."m1", 1 AS "sets" FROM (SELECT count(*) AS "m1" FROM "picked" AS t) AS u) AS g)
SELECT CASE WHEN g."sets" IN (1) THEN NULL ELSE coalesce(g."k1", CASE WHEN 'Others' IN (SELECT m.member FROM "top1" AS m) THEN CASE WHEN 'Others (rest)' IN (SELECT m.member FROM "top1" AS m) THEN 'Others (all the rest)' ELSE 'Others (rest)' END ELSE 'Others' END) END AS "carrier", g."m1" AS "count", g."sets" AS "grouping_id"
FROM "grouped" AS g
ORDER BY 3 DESC NULLS LAST, CASE WHEN g."k1" IS NULL THEN 1 ELSE 0 END, 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
