SELECT max(t."time_hour") AS "latest"
FROM "s_1"."main"."data" AS t
