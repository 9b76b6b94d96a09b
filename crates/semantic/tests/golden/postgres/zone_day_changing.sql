SELECT timezone('UTC', timezone('America/Sao_Paulo', CAST(date_trunc('day', t."time_hour (local)") AS TIMESTAMP))) AS "time_hour", count(*) AS "count"
FROM (SELECT t."time_hour", timezone('America/Sao_Paulo', CAST(t."time_hour" AS TIMESTAMPTZ)) AS "time_hour (local)" FROM "public"."flights" AS t) AS t
GROUP BY CAST(date_trunc('day', t."time_hour (local)") AS TIMESTAMP)
ORDER BY 1 ASC NULLS LAST
LIMIT 1001
