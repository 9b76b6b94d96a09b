WITH "positions" AS NOT MATERIALIZED (SELECT CAST((extract(epoch FROM t."time_hour") * 1000000) AS DOUBLE PRECISION) AS "x" FROM "public"."flights" AS t WHERE isfinite(t."time_hour")),
"ends" AS NOT MATERIALIZED (SELECT min(p.x) AS "lo", max(p.x) AS "hi", CASE WHEN max(p.x) > min(p.x) THEN 20 ELSE 1 END AS "n" FROM positions AS p),
"counts" AS NOT MATERIALIZED (SELECT least(coalesce(floor((p.x - e.lo) / nullif(e.hi - e.lo, 0) * e.n), 0), e.n - 1) AS "bar", count(*) AS "n" FROM positions AS p, ends AS e GROUP BY 1)
SELECT TIMESTAMP '1970-01-01' + floor((e.lo + i.bar * (e.hi - e.lo) / e.n)) * INTERVAL '1 microsecond' AS "lo", TIMESTAMP '1970-01-01' + floor((e.lo + (i.bar + 1) * (e.hi - e.lo) / e.n)) * INTERVAL '1 microsecond' AS "hi", coalesce(c.n, 0) AS "count"
FROM ends AS e, generate_series(0, 19) AS i(bar) LEFT JOIN counts AS c ON c.bar = i.bar
WHERE i.bar < e.n
ORDER BY i.bar
