SELECT NULL AS "latest"
FROM "s_1"."main"."data" AS t
