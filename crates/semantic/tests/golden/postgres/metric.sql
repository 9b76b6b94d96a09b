SELECT t."carrier" AS "carrier", CAST(count(*) FILTER (WHERE (t."dep_delay" <= 15 AND t."cancelled" = FALSE)) AS DOUBLE PRECISION) / nullif(count(*) FILTER (WHERE t."cancelled" = FALSE), 0) AS "on_time_rate", count(*) AS "count"
FROM "public"."flights" AS t
GROUP BY 1
ORDER BY 2 DESC NULLS LAST, (t."carrier") COLLATE "C" ASC NULLS LAST
LIMIT 1001
