//! Random SQL about what a reader sees: `{t}` stands for sales, `{r}` for regions. The rows of each are
//! the same in whatever order they are read.

use crate::dice::Dice;
use crate::world::{Hall, REGIONS};
use domain::{Column, DataType};

/// `{c}`, `{d}`: columns of sales; `{x}` a condition on them; `{n}` a number of sales, `{s}` a text; `{*}`
/// all columns in order.
const SHAPES: &[&str] = &[
    "SELECT * FROM {t}",
    "FROM {t}",
    "SELECT DISTINCT {c}, {d} FROM {t}",
    "SELECT {c}, count(*), count({d}), min({d}), max({d}) FROM {t} GROUP BY 1",
    "SELECT {c}, {d}, count(*) FROM {t} WHERE {x} GROUP BY ROLLUP ({c}, {d})",
    "SELECT count(*) FROM {t} WHERE {x}",
    "SELECT count(*) FILTER (WHERE {x}) FROM {t}",
    "SELECT * FROM (SELECT * FROM {t} WHERE {x}) AS q WHERE {y}",
    "WITH a AS (SELECT * FROM {t}) SELECT * FROM a WHERE {x}",
    "WITH a AS MATERIALIZED (SELECT {c}, {d} FROM {t} WHERE {x}) SELECT a.{c}, b.{d} FROM a, a AS b",
    "WITH RECURSIVE r AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM r WHERE n < (SELECT count(*) FROM {t})) SELECT max(n) FROM r",
    "SELECT {c} FROM {t} WHERE {x} UNION ALL SELECT {c} FROM {t} WHERE {y}",
    "SELECT {c}, {d} FROM {t} UNION SELECT {c}, {d} FROM {t} WHERE {x}",
    "SELECT {c} FROM {t} INTERSECT ALL SELECT {c} FROM {t} WHERE {x}",
    "SELECT {c} FROM {t} EXCEPT ALL SELECT {c} FROM {t} WHERE {x}",
    "SELECT {c}, row_number() OVER (PARTITION BY {c} ORDER BY {*}) FROM {t}",
    "SELECT {c}, count(*) OVER (), rank() OVER (ORDER BY {d}) FROM {t}",
    "SELECT {c}, first_value({d}) OVER (PARTITION BY {c} ORDER BY {*}) FROM {t}",
    "SELECT {*} FROM {t} QUALIFY row_number() OVER (ORDER BY {*}) = 1",
    "SELECT a.{c}, b.{d} FROM {t} a JOIN {t} b ON a.{c} = b.{c} WHERE a.{d} IS NOT NULL",
    "SELECT a.{c} FROM {t} a LEFT JOIN {t} b ON a.{c} = b.{c} AND b.{d} IS NULL WHERE b.{c} IS NULL",
    "SELECT count(*) FROM {t} a FULL JOIN {t} b ON a.{c} = b.{d}::VARCHAR::{ct}",
    "SELECT a.* FROM {t} a ANTI JOIN {r} b ON a.{c}::VARCHAR = b.{k}::VARCHAR",
    "SELECT a.{c}, b.{k} FROM {t} a, {r} b WHERE a.{c}::VARCHAR = b.{k}::VARCHAR",
    "SELECT x.{c} FROM {r} b, LATERAL (SELECT * FROM {t} a WHERE a.{c}::VARCHAR >= b.{k}::VARCHAR) x",
    "SELECT {c} FROM {t} WHERE {c} IN (SELECT {c} FROM {t} WHERE {x})",
    "SELECT {c}, (SELECT count(*) FROM {t} b WHERE b.{c} = a.{c}) FROM {t} a",
    "SELECT EXISTS (SELECT 1 FROM {t} WHERE {x}), (SELECT max({c}) FROM {t})",
    "SELECT s.{c} FROM (SELECT q AS s FROM {t} q)",
    "SELECT q FROM {t} q WHERE {x}",
    "SELECT struct_extract(q, '{cn}') FROM {t} q",
    "SELECT list({c} ORDER BY {*}) FROM {t}",
    "SELECT unnest(list({c})) FROM {t} GROUP BY {d}",
    "SELECT string_agg({c}::VARCHAR, ',' ORDER BY {c}::VARCHAR) FROM {t}",
    "SELECT COLUMNS('.*') FROM {t}",
    "SELECT * EXCLUDE ({c}) FROM {t}",
    "SELECT * REPLACE (upper({c}::VARCHAR) AS {c}) FROM {t}",
    "SELECT {*} FROM {t} ORDER BY {*} LIMIT 3",
    "SELECT {*} FROM {t} ORDER BY {d} DESC NULLS FIRST, {*} LIMIT 2 OFFSET 1",
    "SELECT * FROM {t} TABLESAMPLE 100%",
    "SELECT count(*) FROM (SELECT * FROM {t} USING SAMPLE 1000 ROWS)",
    "SELECT to_json(q) FROM {t} q",
    "SELECT arg_max({c}, {*a}), mode({d} ORDER BY {d}) FROM {t} WHERE {x}",
    "SELECT t.b, count(*) FROM (SELECT {x} AS b FROM {t}) t GROUP BY ALL",
    // Statements that fail on some rows fail on those that are seen, or not at all.
    "SELECT count(*) FROM {t} WHERE CAST({c}::VARCHAR AS INTEGER) > 0",
    "SELECT count(*) FROM {t} WHERE CASE WHEN {x} THEN CAST({c}::VARCHAR AS DATE) > DATE '2000-01-01' ELSE true END",
    // Names that are not there are not there.
    "SELECT secret FROM {t}",
];

pub fn statement(dice: &mut Dice, hall: &Hall) -> String {
    let columns = &hall.sheets[0].plain_columns;
    let others = &hall.sheets[1].plain_columns;
    if columns.is_empty() || others.is_empty() {
        return "SELECT count(*) FROM {t}".into();
    }
    let (c, d, k) = (dice.one(columns), dice.one(columns), dice.one(others));
    let quoted = |c: &Column| format!("\"{}\"", c.name);
    let all: Vec<String> = columns.iter().map(quoted).collect();
    let kind = match c.ty {
        DataType::Integer => "BIGINT",
        DataType::Float => "DOUBLE",
        DataType::Date => "DATE",
        DataType::Boolean => "BOOLEAN",
        _ => "VARCHAR",
    };
    let kind = if c.ty == d.ty { kind } else { "VARCHAR" };
    let shape = dice.one(SHAPES).to_string();
    let shape = if kind == "VARCHAR" && c.ty != DataType::Text {
        shape.replace("a.{c} = b.{d}", "a.{c}::VARCHAR = b.{d}")
    } else {
        shape
    };
    let (x, y) = (test(dice, columns), test(dice, columns));
    shape
        .replace("{cn}", &c.name)
        .replace("{ct}", kind)
        .replace("{c}", &quoted(c))
        .replace("{d}", &quoted(d))
        .replace("{k}", &quoted(k))
        .replace("{x}", &x)
        .replace("{y}", &y)
        .replace("{*a}", &format!("row({})", all.join(", ")))
        .replace("{*}", &all.join(", "))
}

/// A condition in SQL.
fn test(dice: &mut Dice, columns: &[Column]) -> String {
    let column = dice.one(columns);
    let name = format!("\"{}\"", column.name);
    match column.ty {
        DataType::Text => match dice.below(4) {
            0 => format!("{name} = '{}'", dice.one(&REGIONS)),
            1 => format!("{name} LIKE '%{}%'", dice.one(&["o", "47", "*"])),
            2 => format!("{name} IS NULL"),
            _ => format!("length({name}) > {}", dice.below(10)),
        },
        DataType::Integer | DataType::Float => format!("{name} {} {}", dice.one(&["<", ">", "<>"]), dice.below(20_000)),
        DataType::Date => format!("{name} >= DATE '2024-0{}-15'", 1 + dice.below(4)),
        DataType::Boolean => format!("{name} IS {}", dice.one(&["TRUE", "NOT TRUE", "NULL"])),
        _ => "true".into(),
    }
}
