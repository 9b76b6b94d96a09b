//! What a file holds, the same for every format: columns, and a relation DuckDB can read them
//! from. Targets say under which names and types they are stored.

use super::csv::{CsvSource, Formats, Traits};
use crate::{fault, types};
use domain::dataset::{BadRow, ColumnChoice, LoadOptions};
use domain::{Column, DataType, Error, Result, Role, names};
use semantic::sql::ident;
use std::collections::HashSet;
use std::path::Path;

/// A dataset has at most so many columns.
pub(crate) const MAX_COLUMNS: usize = 2_000;
const MAX_NAME: usize = 200;

/// An opened file.
pub(crate) struct Source {
    pub(crate) columns: Vec<SourceColumn>,
    pub(crate) relation: Relation,
    /// The options with everything detected filled in.
    pub(crate) options: LoadOptions,
    /// XLSX: the names of all sheets.
    pub(crate) sheets: Vec<String>,
    /// Bad rows in the part that was looked at.
    pub(crate) bad_rows: Vec<BadRow>,
    pub(crate) bad_row_count: u64,
}

/// Where the rows come from.
pub(crate) enum Relation {
    /// Something that stands after FROM.
    Sql(String),
    Csv(CsvSource),
}

/// A column as found.
#[derive(Clone, Debug)]
pub(crate) struct SourceColumn {
    /// Unique and never empty.
    pub(crate) name: String,
    pub(crate) origin: Origin,
}

#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// A typed column: its quoted name in the relation and DuckDB's type.
    Typed { raw: String, duck: String },
    /// A column of texts, about whose values this is known.
    Text { raw: String, traits: Traits },
}

/// A column as it is to be stored.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) ty: DataType,
    /// Fails on a value that is not of the type.
    pub(crate) expr: String,
    /// Where a conversion may fail: what is NULL only for values that mean "missing".
    pub(crate) check: Option<String>,
    /// Position among the source's columns; none for an expected column the file lacks.
    pub(crate) source: Option<usize>,
    /// A person, or the dataset, asked for this type.
    pub(crate) chosen: bool,
    /// A person said what it is for.
    pub(crate) role: Option<Role>,
}

/// A column of the source that is loaded: where it is, its name, and the type and role asked for.
type Choice = (usize, String, Option<DataType>, Option<Role>);

impl Source {
    pub(crate) fn of_sql(sql: String, columns: Vec<SourceColumn>, options: LoadOptions) -> Self {
        let relation = Relation::Sql(sql);
        Self { columns, relation, options, sheets: Vec::new(), bad_rows: Vec::new(), bad_row_count: 0 }
    }

    pub(crate) fn of_csv(csv: CsvSource, columns: Vec<SourceColumn>, options: LoadOptions) -> Self {
        let relation = Relation::Csv(csv);
        Self { columns, relation, options, sheets: Vec::new(), bad_rows: Vec::new(), bad_row_count: 0 }
    }

    /// What is stored: the file's columns as chosen in the options, or cast to what is expected.
    pub(crate) fn targets(&self, expect: Option<&[Column]>) -> Result<Vec<Target>> {
        let mut chosen = Vec::with_capacity(self.columns.len());
        for choice in &self.options.columns {
            if !self.columns.iter().any(|c| c.name == choice.source) {
                return Err(
                    Error::invalid(format!("The file has no column \"{}\".", choice.source)).field("options.columns")
                );
            }
        }
        for (at, column) in self.columns.iter().enumerate() {
            let choice = self.options.columns.iter().find(|c| c.source == column.name);
            if choice.is_some_and(|c| c.skip) {
                continue;
            }
            let name = choice.and_then(|c| c.name.as_deref()).map_or(column.name.clone(), |n| tidy(n, at));
            chosen.push((at, name, choice.and_then(|c| c.ty), choice.and_then(|c| c.role)));
        }
        let mut seen = HashSet::new();
        if let Some((_, twice, ..)) = chosen.iter().find(|(_, name, ..)| !seen.insert(name.to_lowercase())) {
            return Err(Error::invalid(format!("Two columns would be named \"{twice}\".")).field("options.columns"));
        }
        match expect {
            Some(expect) => self.expected(&chosen, expect),
            None if chosen.is_empty() => {
                Err(Error::invalid("Every column would be left out.").field("options.columns"))
            }
            None => {
                let target = |(at, name, ty, role): Choice| {
                    let target = self.target(at, name, ty);
                    let fits = |role: &Role| *role != Role::Time || target.ty.is_time();
                    Ok(Target { role: role.filter(fits), ..target })
                };
                chosen.into_iter().map(target).collect()
            }
        }
    }

    fn expected(&self, chosen: &[Choice], expect: &[Column]) -> Result<Vec<Target>> {
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        let unknown: Vec<&str> = chosen
            .iter()
            .filter(|(_, name, ..)| !expect.iter().any(|e| same(&e.name, name)))
            .map(|(_, name, ..)| name.as_str())
            .collect();
        if !unknown.is_empty() || chosen.is_empty() {
            let listed: Vec<String> = unknown.iter().take(10).map(|n| format!("\"{n}\"")).collect();
            return Err(fault::unusable(format!("The dataset has no column {}.", listed.join(", ")))
                .hint("Rename or leave out these columns, or replace the dataset instead of appending to it."));
        }
        let target = |column: &Column| match chosen.iter().find(|(_, name, ..)| same(name, &column.name)) {
            Some((at, ..)) => self.target(*at, column.name.clone(), Some(column.ty)),
            None => Target {
                name: column.name.clone(),
                ty: column.ty,
                expr: format!("CAST(NULL AS {})", types::to_duck(column.ty)),
                check: None,
                source: None,
                chosen: true,
                role: None,
            },
        };
        Ok(expect.iter().map(target).collect())
    }

    fn target(&self, at: usize, name: String, ty: Option<DataType>) -> Target {
        match &self.columns[at].origin {
            Origin::Typed { raw, duck } => typed(at, name, raw, duck, ty),
            Origin::Text { raw, traits } => {
                let formats = match &self.relation {
                    Relation::Csv(csv) => csv.formats.clone(),
                    Relation::Sql(_) => Formats::default(),
                };
                traits.target(at, name, raw, ty, &formats)
            }
        }
    }

    /// The relation that the targets' expressions read from: the whole file, or its first part.
    pub(crate) fn from(&self, sample: bool) -> Result<String> {
        match &self.relation {
            Relation::Sql(sql) => Ok(sql.clone()),
            Relation::Csv(csv) => csv.relation(sample),
        }
    }
}

fn typed(at: usize, name: String, raw: &str, duck: &str, want: Option<DataType>) -> Target {
    let (expr, stored) = types::stored(raw, duck);
    let is = types::of_duck(&stored);
    let done = |ty, expr, check| Target { name, ty, expr, check, source: Some(at), chosen: want.is_some(), role: None };
    let Some(want) = want.filter(|w| *w != is) else { return done(is, expr, None) };
    let duck = types::to_duck(want);
    let number = |ty: DataType| ty.is_number() || ty == DataType::Boolean;
    let cast = match (is, want) {
        (_, DataType::Text | DataType::Other) => return done(want, format!("CAST({expr} AS VARCHAR)"), None),
        // A cast would round: 1.5 is no whole number.
        (DataType::Float | DataType::Decimal, DataType::Integer) => format!(
            "CASE WHEN {expr} = trunc({expr}) THEN CAST({expr} AS BIGINT) \
             ELSE CAST(concat({expr}, ' is not whole') AS BIGINT) END"
        ),
        (a, b) if number(a) && number(b) => format!("CAST({expr} AS {duck})"),
        (a, b) if a.is_time() && b.is_time() => format!("CAST({expr} AS {duck})"),
        (DataType::Timestamp, DataType::Time) => format!("CAST({expr} AS TIME)"),
        // Through text: DuckDB knows no direct cast, and refuses each value that does not read so.
        _ => format!("CAST(CAST({expr} AS VARCHAR) AS {duck})"),
    };
    done(want, cast, Some(expr))
}

/// A name as people may write it: trimmed, without control characters, not too long.
fn tidy(name: &str, at: usize) -> String {
    let clean: String = name.chars().filter(|c| !c.is_control()).collect();
    let short: String = clean.trim().chars().take(MAX_NAME).collect();
    let short = short.trim_end();
    if short.is_empty() { format!("column_{}", at + 1) } else { short.to_owned() }
}

/// Unique names for a file's columns: the second `name` becomes `name_2`, an empty one `column_4`.
pub(crate) fn unique_names<S: AsRef<str>>(raw: &[S]) -> Result<Vec<String>> {
    if raw.len() > MAX_COLUMNS {
        return Err(too_many_columns());
    }
    let tidied: Vec<String> = raw.iter().enumerate().map(|(at, n)| tidy(n.as_ref(), at)).collect();
    let key = |name: &str| name.to_lowercase();
    // Names that stand in the file keep theirs; numbered ones go round them.
    let written: HashSet<String> = tidied.iter().map(|n| key(n)).collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut out = Vec::with_capacity(tidied.len());
    for name in tidied {
        let mut candidate = name.clone();
        let mut n = 2;
        while taken.contains(&key(&candidate)) || (n > 2 && written.contains(&key(&candidate))) {
            candidate = format!("{name}_{n}");
            n += 1;
        }
        taken.insert(key(&candidate));
        out.push(candidate);
    }
    Ok(out)
}

pub(crate) fn too_many_columns() -> Error {
    fault::unusable(format!("The file has more than {MAX_COLUMNS} columns."))
        .hint("Check the character between fields, or turn columns into rows.")
}

/// Typed columns from what DESCRIBE lists.
pub(crate) fn typed_columns(described: &[(String, String)]) -> Result<Vec<SourceColumn>> {
    let raw: Vec<&str> = described.iter().map(|(name, _)| name.as_str()).collect();
    let unique = unique_names(&raw)?;
    let column = |(name, (raw, duck)): (String, &(String, String))| SourceColumn {
        name,
        origin: Origin::Typed { raw: ident(raw), duck: duck.clone() },
    };
    Ok(unique.into_iter().zip(described).map(column).collect())
}

/// The choice that changes nothing: what a person edits before loading.
pub(crate) fn as_choice(column: &SourceColumn) -> ColumnChoice {
    ColumnChoice { source: column.name.clone(), name: None, ty: None, role: None, skip: false }
}

/// The dataset's columns before roles are guessed.
pub(crate) fn label(name: &str) -> String {
    let label = names::to_label(name);
    if label.is_empty() { name.to_owned() } else { label }
}

/// Paths in SQL.
pub(crate) fn path_text(path: &Path) -> Result<String> {
    let path = path.to_str().ok_or_else(|| fault::internal("path", &"not UTF-8"))?;
    semantic::sql::text(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_unique_without_regard_to_case() {
        let names = unique_names(&["id", "name", "name", "", "Name", "amount", "", "amount"]).unwrap();
        assert_eq!(names, ["id", "name", "name_2", "column_4", "Name_3", "amount", "column_7", "amount_2"]);
        let names = unique_names(&["a", "a", "a_2", " a \u{7}"]).unwrap();
        let lower: HashSet<String> = names.iter().map(|n| n.to_lowercase()).collect();
        assert_eq!(lower.len(), 4, "{names:?}");
        assert_eq!(names[2], "a_2");
    }

    #[test]
    fn long_names_are_cut_and_too_many_refused() {
        assert_eq!(unique_names(&["x".repeat(500)]).unwrap()[0].len(), 200);
        assert!(unique_names(&vec!["x"; 2_001]).is_err());
    }
}
