SELECT max(t."time_hour") AS "latest"
FROM "public"."flights" AS t
