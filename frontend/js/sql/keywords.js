// The words of DuckDB's SQL, as far as one SELECT has them.

export const KEYWORDS = (
  "all and anti any as asc asof at between by case cast collate columns cross cube current desc distinct else end " +
  "escape except exclude exists fetch filter first following for from full glob group grouping having ignore ilike in " +
  "include inner intersect interval into is join lambda last lateral left like limit map materialized name natural " +
  "not nulls offset on only or order ordinality outer over partition percent pivot positional preceding qualify range " +
  "recursive replace respect right rollup row rows sample select semi sets similar struct symmetric table tablesample " +
  "then ties to try_cast unbounded union unnest unpivot using values when where window with within without"
).split(" ");

export const TYPES = (
  "bigint bit blob bool boolean char date datetime decimal double float hugeint int int128 int16 int32 int64 int8 " +
  "integer interval json numeric real smallint string text time timestamp timestamptz tinyint ubigint uinteger " +
  "usmallint utinyint uuid varchar"
).split(" ");

// Names like these are only names in quotes.
export const RESERVED = new Set((
  "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default " +
  "deferrable desc describe distinct do else end except false fetch for foreign from grant group having in initially " +
  "intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing " +
  "primary qualify references returning select show some summarize symmetric table then to trailing true union unique " +
  "unpivot using variadic when where window with"
).split(" "));
