WITH "positions" AS NOT MATERIALIZED (SELECT CAST((t."day" - DATE '1970-01-01') AS DOUBLE PRECISION) AS "x" FROM "public"."flights" AS t WHERE isfinite(t."day")),
"ends" AS NOT MATERIALIZED (SELECT min(p.x) AS "lo", max(p.x) + 1 AS "hi", least(20, max(p.x) + 1 - min(p.x)) AS "n" FROM positions AS p),
"counts" AS NOT MATERIALIZED (SELECT least(coalesce(floor((p.x - e.lo) / nullif(e.hi - e.lo, 0) * e.n), 0), e.n - 1) AS "bar", count(*) AS "n" FROM positions AS p, ends AS e GROUP BY 1)
SELECT DATE '1970-01-01' + CAST(ceil((e.lo + i.bar * (e.hi - e.lo) / e.n)) AS INTEGER) AS "lo", DATE '1970-01-01' + CAST(ceil((e.lo + (i.bar + 1) * (e.hi - e.lo) / e.n)) AS INTEGER) AS "hi", coalesce(c.n, 0) AS "count"
FROM ends AS e, generate_series(0, 19) AS i(bar) LEFT JOIN counts AS c ON c.bar = i.bar
WHERE i.bar < e.n
ORDER BY i.bar
