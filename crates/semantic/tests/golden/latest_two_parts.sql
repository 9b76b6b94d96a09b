SELECT max(t."day") AS "latest"
FROM (SELECT "day" FROM "s_1"."main"."data" UNION ALL SELECT "day" FROM "s_2"."main"."data") AS t
