//! The output columns of a question: their names, labels, types and expressions.

use crate::dimension::{self, Range};
use crate::measure;
use crate::path::Path;
use crate::scope::{self, Operand, Scope, read};
use domain::query::Query;
use domain::{Error, Field, Result, Role, names};
use std::collections::HashSet;

/// The most outputs of one question.
const MAX_OUTPUTS: usize = 5_000;

/// One output column.
pub(crate) struct Output {
    pub(crate) field: Field,
    /// The expression that is returned.
    pub(crate) shown: String,
    pub(crate) part: Part,
}

/// What an output is in its question.
pub(crate) enum Part {
    Row,
    Measure,
    Dimension { column: String, key: String, range: Option<Range>, is_ordered: bool },
}

impl Output {
    /// Whether rows are grouped by it.
    pub(crate) fn is_dimension(&self) -> bool {
        matches!(self.part, Part::Dimension { .. })
    }
}

/// Checks the dimensions, measures or raw columns of a question.
pub(crate) fn outputs(scope: &mut Scope<'_>, query: &Query) -> Result<Vec<Output>> {
    let is_grouped = !query.dimensions.is_empty() || !query.measures.is_empty();
    if is_grouped && !query.columns.is_empty() {
        return Err(Path::Root("columns")
            .refuse("Raw rows by `columns` cannot be mixed with dimensions and measures.")
            .hint("Ask for the columns alone, or group by them as dimensions."));
    }
    if !is_grouped && query.columns.is_empty() {
        return Err(Path::Root("dimensions")
            .refuse("The question asks for nothing: it has no dimensions, no measures and no columns.")
            .hint("Add a measure such as {\"agg\": \"count\"}, or name raw `columns`."));
    }
    let wanted = wanted_names(query);
    if wanted.len() > MAX_OUTPUTS {
        return Err(Path::Root("columns").refuse(format!("A question has at most {MAX_OUTPUTS} output columns.")));
    }
    let mut names = unique_names(&wanted)?.into_iter();
    let mut name = || names.next().ok_or_else(Error::internal);
    let (dimensions, measures, columns) = (Path::Root("dimensions"), Path::Root("measures"), Path::Root("columns"));
    let mut out = Vec::new();
    for (i, wanted) in query.dimensions.iter().enumerate() {
        let group = dimension::group(scope, wanted, i, &dimensions.at(i))?;
        let grain = wanted.grain;
        let is_folded = grain.is_some_and(|g| g.is_folded());
        let field = Field {
            name: name()?,
            label: label(wanted.alias.as_deref(), &group.column.label),
            ty: group.ty,
            role: if group.ty.is_time() { Role::Time } else { Role::Dimension },
            format: if is_folded { None } else { group.column.format.clone() },
            grain,
        };
        let part = Part::Dimension {
            column: group.column.name.clone(),
            key: group.key,
            range: group.range,
            is_ordered: group.is_ordered,
        };
        out.push(Output { field, shown: group.shown, part });
    }
    for (i, wanted) in query.measures.iter().enumerate() {
        let aggregate = measure::aggregate(scope, wanted, &measures.at(i), 1)?;
        let field = Field {
            name: name()?,
            label: label(wanted.alias.as_deref(), &aggregate.label),
            ty: aggregate.ty,
            role: Role::Measure,
            format: aggregate.format,
            grain: None,
        };
        out.push(Output { field, shown: aggregate.sql, part: Part::Measure });
    }
    for (i, wanted) in query.columns.iter().enumerate() {
        let column = scope.column(wanted, &columns.at(i))?;
        let field = Field {
            name: name()?,
            label: column.label.clone(),
            ty: column.ty,
            role: column.role,
            format: column.format.clone(),
            grain: None,
        };
        out.push(Output { field, shown: read(column), part: Part::Row });
    }
    Ok(out)
}

/// What a person reads over the column: a name given by hand, else what it is.
fn label(alias: Option<&str>, meaning: &str) -> String {
    alias.map(names::to_label).filter(|l| !l.is_empty()).unwrap_or_else(|| meaning.to_owned())
}

/// A name asked for: as written by hand, or as it follows from the question.
enum Wanted<'a> {
    Given(&'a str, &'static str, usize),
    Implied(String),
}

fn wanted_names(query: &Query) -> Vec<Wanted<'_>> {
    let dimensions = query.dimensions.iter().enumerate().map(|(i, d)| match &d.alias {
        Some(alias) => Wanted::Given(alias, "dimensions", i),
        None => Wanted::Implied(d.column.clone()),
    });
    let measures = query.measures.iter().enumerate().map(|(i, m)| match &m.alias {
        Some(alias) => Wanted::Given(alias, "measures", i),
        None => Wanted::Implied(m.output_name()),
    });
    let columns = query.columns.iter().map(|c| Wanted::Implied(c.clone()));
    dimensions.chain(measures).chain(columns).collect()
}

/// A name for each: those given by hand stay as they are, repeats of the others are numbered.
fn unique_names(wanted: &[Wanted<'_>]) -> Result<Vec<String>> {
    let mut taken: HashSet<String> = HashSet::new();
    for each in wanted {
        if let Wanted::Given(alias, list, i) = each {
            let list = Path::Root(list);
            let place = list.at(*i);
            let place = place.key("as");
            if alias.trim().is_empty() || alias.chars().count() > 200 || alias.chars().any(char::is_control) {
                return Err(place.refuse("An output name has 1 to 200 characters, none of them control characters."));
            }
            if !taken.insert((*alias).to_owned()) {
                return Err(place
                    .refuse(format!("Two outputs are named `{alias}`."))
                    .hint("Give each a name of its own."));
            }
        }
    }
    let mut unique = |name: &str| {
        let mut candidate = name.to_owned();
        let mut n = 2;
        while !taken.insert(candidate.clone()) {
            candidate = format!("{name}_{n}");
            n += 1;
        }
        candidate
    };
    Ok(wanted
        .iter()
        .map(|each| match each {
            Wanted::Given(alias, ..) => (*alias).to_owned(),
            Wanted::Implied(name) => unique(name),
        })
        .collect())
}

/// The position of the output of that name.
pub(crate) fn find(outputs: &[Output], name: &str, path: &Path<'_>) -> Result<usize> {
    outputs.iter().position(|o| o.field.name == name).ok_or_else(|| {
        let known = outputs.iter().map(|o| o.field.name.as_str());
        scope::unknown(&format!("The question has no output named `{}`.", scope::shorten(name)), name, known, path)
    })
}

/// The same for a measure.
pub(crate) fn find_measure(outputs: &[Output], name: &str, path: &Path<'_>) -> Result<usize> {
    let i = find(outputs, name, path)?;
    match outputs.get(i).map(|o| &o.part) {
        Some(Part::Measure) => Ok(i),
        _ => Err(path.refuse(format!("`{}` is not a measure.", scope::shorten(name)))),
    }
}

/// An output as something to test.
pub(crate) fn operand<'a>(outputs: &'a [Output], name: &str, path: &Path<'_>) -> Result<Operand<'a>> {
    let output = outputs.get(find(outputs, name, path)?).ok_or_else(Error::internal)?;
    Ok(Operand { sql: output.shown.clone(), ty: output.field.ty, name: &output.field.name })
}
