//! What a session at PostgreSQL is told before questions come, and around each.

/// Nothing may be written, whatever is asked; times are UTC; a text in single quotes is what stands
/// there; names without a schema mean the database's own functions and nobody else's. Where the server
/// can, it notices by itself that nobody is connected any more.
pub const READ_ONLY: &str = "SET default_transaction_read_only = on;
SET TimeZone = 'UTC';
SET standard_conforming_strings = on;
SET search_path = pg_catalog;
SET client_encoding = 'UTF8';
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = '60s';
SET client_min_messages = error;
SELECT set_config(name, '2000', false) FROM pg_settings WHERE name = 'client_connection_check_interval'";

/// Ends a question.
pub const END: &str = "ROLLBACK";

/// Begins a question that may take so many milliseconds. In a transaction that only reads, no
/// statement makes it write again.
pub fn begin(millis: u128) -> String {
    format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {millis}")
}

/// The version as a number and as text.
pub const VERSION: &str =
    "SELECT current_setting('server_version_num')::int4, split_part(current_setting('server_version'), ' ', 1)";

/// The columns that the session's user may read, table by table: schema, table, estimated rows, column,
/// type (that which a domain is made of), kind of type, and what was written about the column.
pub const COLUMNS: &str = "SELECT n.nspname::text, c.relname::text, c.reltuples::float8, a.attname::text,
    coalesce(b.typname, t.typname)::text, coalesce(b.typtype, t.typtype)::text,
    coalesce(col_description(c.oid, a.attnum), '')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type b ON t.typtype = 'd' AND b.oid = t.typbasetype
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY n.nspname, c.relname, a.attnum
LIMIT 50000";
