//! What a masked column shows. It has the type of the column, and is worked out where the dataset is
//! scanned, so that filters, groups, order and calculated columns meet nothing else.

use crate::dialect::Spelling;
use crate::sql::{self, call, cast};
use domain::DataType;
use std::cmp::Ordering;
use std::fmt;

/// Numbers beyond are not all exact as doubles: a mask that calculates shows nothing of them.
const EXACT: &str = "9e15";
/// Digits of a hash that fit a number which JSON writes exactly.
const DIGITS: u32 = 13;
/// Characters of a hash.
const LETTERS: u32 = 16;

/// What readers see in place of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Mask {
    /// The lower end of a stretch of this width; days for dates. Only of numbers and times.
    Bucket(f64),
    /// The last four characters of a longer text, or digits of a whole number.
    Last4,
    /// The same code for the same value. Only of text and whole numbers.
    Hash(Salt),
    /// Asterisks for text, nothing for all else. What the others cannot do ends here.
    Redact,
}

/// What keeps others from finding values by trying: whoever knows it can.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(pub String);

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

impl Mask {
    fn rank(&self) -> u8 {
        match self {
            Self::Bucket(_) => 0,
            Self::Last4 => 1,
            Self::Hash(_) => 2,
            Self::Redact => 3,
        }
    }

    /// Which of two shows less; of two stretches the wider.
    pub fn strictest(self, other: Self) -> Self {
        let order = match (&self, &other) {
            (Self::Bucket(a), Self::Bucket(b)) => a.total_cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        };
        if order == Ordering::Less { other } else { self }
    }

    /// What is read in place of `raw`, a column of that type.
    pub(crate) fn sql(&self, raw: &str, ty: DataType, db: Spelling) -> String {
        let shown = match self {
            Self::Redact => None,
            Self::Hash(salt) => hash(raw, ty, salt, db),
            Self::Last4 => last4(raw, ty, db),
            Self::Bucket(width) => bucket(raw, ty, *width, db),
        };
        cast(shown.as_deref().unwrap_or(if ty == DataType::Text { "'***'" } else { "NULL" }), db.type_name(ty))
    }
}

fn hash(raw: &str, ty: DataType, salt: &Salt, db: Spelling) -> Option<String> {
    if !matches!(ty, DataType::Text | DataType::Integer) {
        return None;
    }
    let salted = db.concat(&[&sql::text(&salt.0).ok()?, &db.to_text(raw, Some(ty))]);
    let hex = db.hashed(&salted);
    let shown = match ty {
        DataType::Text => db.cut(&hex, LETTERS),
        _ => db.number_of_hex(&db.cut(&hex, DIGITS)),
    };
    Some(present(raw, &shown))
}

fn last4(raw: &str, ty: DataType, db: Spelling) -> Option<String> {
    let shown = match ty {
        DataType::Text => {
            let end = db.concat(&["'***'", &call("right", &[raw, "4"])]);
            sql::case(&[(&sql::binary(&call("length", &[raw]), ">", "4"), &end)], "'***'")
        }
        DataType::Integer => {
            let end = call("abs", &[&sql::binary(raw, "%", "10000")]);
            let is_long = sql::any(&[sql::binary(raw, ">", "9999"), sql::binary(raw, "<", "-9999")]);
            sql::case(&[(&is_long, &end)], "NULL")
        }
        _ => return None,
    };
    Some(present(raw, &shown))
}

fn bucket(raw: &str, ty: DataType, width: f64, db: Spelling) -> Option<String> {
    let width = match ty {
        DataType::Integer | DataType::Date if width.fract() != 0.0 => return None,
        DataType::Integer | DataType::Float | DataType::Decimal | DataType::Date => width,
        DataType::Timestamp => width * 86_400e6,
        _ => return None,
    };
    if !(width.is_finite() && width > 0.0) {
        return None;
    }
    let (at, width) = (db.position(raw, ty), sql::double(width));
    let lower = format!("floor({at} / {width}) * {width}");
    let shown = match ty {
        DataType::Date | DataType::Timestamp => db.value_at(&sql::group(&lower), ty),
        _ => lower,
    };
    let is_exact = sql::all(&[sql::binary(&at, ">", &format!("-{EXACT}")), sql::binary(&at, "<", EXACT)]);
    // A timestamp's position is counted in microseconds: all that there are fit.
    let is_exact = if ty == DataType::Timestamp { sql::is_not_null(raw) } else { is_exact };
    Some(sql::case(&[(&is_exact, &cast(&shown, db.type_name(ty)))], "NULL"))
}

/// Nothing stays nothing.
fn present(raw: &str, shown: &str) -> String {
    sql::case(&[(&sql::is_null(raw), "NULL")], shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;

    #[test]
    fn the_strictest_wins() {
        let hash = || Mask::Hash(Salt("s".into()));
        for (weak, strict) in [
            (Mask::Bucket(10.0), Mask::Bucket(100.0)),
            (Mask::Bucket(1e9), Mask::Last4),
            (Mask::Last4, hash()),
            (hash(), Mask::Redact),
        ] {
            assert_eq!(weak.clone().strictest(strict.clone()), strict);
            assert_eq!(strict.clone().strictest(weak), strict);
        }
    }

    #[test]
    fn what_a_rule_cannot_do_shows_nothing() {
        let db = Dialect::DuckDb.spelling();
        for (mask, ty) in [
            (Mask::Last4, DataType::Float),
            (Mask::Bucket(1.5), DataType::Integer),
            (Mask::Bucket(5.0), DataType::Boolean),
            (Mask::Hash(Salt("s".into())), DataType::Date),
        ] {
            assert!(mask.sql("t.\"a\"", ty, db).starts_with("CAST(NULL AS"), "{mask:?}");
        }
        assert_eq!(Mask::Bucket(5.0).sql("t.\"a\"", DataType::Text, db), "CAST('***' AS VARCHAR)");
    }

    #[test]
    fn a_salt_is_not_printed() {
        assert!(!format!("{:?}", Mask::Hash(Salt("secret-salt".into()))).contains("secret"));
    }
}
