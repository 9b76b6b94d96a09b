SELECT t."carrier" AS "carrier"
FROM "public"."flights" AS t
WHERE (t."carrier" IS NULL OR t."origin" IS NOT NULL OR t."cancelled" = TRUE OR t."cancelled" = FALSE OR t."carrier" IS NULL OR t."carrier" IS NOT NULL OR (t."carrier" IN ('UA') OR t."carrier" IS NULL) OR (t."carrier" NOT IN ('UA') AND t."carrier" IS NOT NULL) OR FALSE OR TRUE OR TRUE OR FALSE)
LIMIT 1001
