SELECT EXISTS(SELECT 1 AS one FROM "public"."flights" AS t WHERE t."carrier" IS NOT NULL AND t."origin" IS NOT NULL GROUP BY t."carrier", t."origin" HAVING count(*) > 1 LIMIT 1) AS "repeats"
