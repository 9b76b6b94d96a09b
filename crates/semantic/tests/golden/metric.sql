-- {"dimensions":[{"column":"carrier"}],"measures":[{"metric":"on_time_rate"},{"agg":"count"}]}
SELECT t."carrier" AS "carrier", CAST(count(*) FILTER (WHERE (t."dep_delay" <= 15 AND t."cancelled" = FALSE)) AS DOUBLE) / nullif(count(*) FILTER (WHERE t."cancelled" = FALSE), 0) AS "on_time_rate", count(*) AS "count"
FROM "s_1"."main"."data" AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST
LIMIT 1001
