//! The output columns of a question: their names, labels, types and expressions.

use crate::calc::{self, Calculation};
use crate::dimension::{self, Range, Shown};
use crate::measure::{self, Value};
use crate::path::Path;
use crate::scope::{self, Operand, Scope};
use domain::query::{Compared, Query};
use domain::{Error, Field, Result, Role, names};
use std::collections::HashSet;

/// The most outputs of one question.
const MAX_OUTPUTS: usize = 5_000;

/// One output column.
pub(crate) struct Output {
    pub(crate) field: Field,
    pub(crate) part: Part,
}

/// What an output is in its question.
pub(crate) enum Part {
    /// A column of raw rows.
    Row(String),
    Measure(Measured),
    Dimension(Grouped),
    /// What a comparison adds for the measure at that position.
    Compared(usize, Compared),
    /// Which dimensions a row takes all members of, in one SELECT.
    Grouping(String),
}

/// A measure and what is worked out from it.
pub(crate) struct Measured {
    pub(crate) value: Value,
    pub(crate) calculation: Option<Calculation>,
    /// Whether the values of groups add up to that of all of them.
    pub(crate) is_sum: bool,
}

/// A dimension.
pub(crate) struct Grouped {
    /// Its column: as the question writes it, and by its own name and dataset.
    pub(crate) written: String,
    pub(crate) column: String,
    pub(crate) table: usize,
    pub(crate) key: String,
    pub(crate) shown: Shown,
    pub(crate) range: Option<Range>,
    pub(crate) is_ordered: bool,
    /// Whether the column's own values are the groups.
    pub(crate) is_plain: bool,
}

impl Output {
    /// Whether rows are grouped by it.
    pub(crate) fn is_dimension(&self) -> bool {
        matches!(self.part, Part::Dimension(_))
    }

    /// The dimension that it is.
    pub(crate) fn dimension(&self) -> Option<&Grouped> {
        match &self.part {
            Part::Dimension(grouped) => Some(grouped),
            _ => None,
        }
    }

    /// The measure that it is.
    pub(crate) fn measure(&self) -> Option<&Measured> {
        match &self.part {
            Part::Measure(measured) => Some(measured),
            _ => None,
        }
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
            label: label(wanted.alias.as_deref(), &group.of.column.label),
            ty: group.ty,
            role: if group.ty.is_time() { Role::Time } else { Role::Dimension },
            format: if is_folded { None } else { group.of.column.format.clone() },
            grain,
        };
        let part = Part::Dimension(Grouped {
            written: wanted.column.clone(),
            column: group.of.column.name.clone(),
            table: group.of.table,
            is_plain: group.grain.is_none() && wanted.bin.is_none(),
            key: group.key,
            shown: group.shown,
            range: group.range,
            is_ordered: group.is_ordered,
        });
        out.push(Output { field, part });
    }
    for (i, wanted) in query.measures.iter().enumerate() {
        let aggregate = measure::aggregate(scope, wanted, &measures.at(i), 1)?;
        let mut field = Field {
            name: name()?,
            label: label(wanted.alias.as_deref(), &aggregate.label),
            ty: aggregate.ty,
            role: Role::Measure,
            format: aggregate.format.clone(),
            grain: None,
        };
        let is_sum = aggregate.is_sum;
        let calculation = match &wanted.calc {
            Some(calc) => {
                let path = measures.at(i);
                Some(calc::check(calc, &aggregate, &out, &mut field, wanted.alias.is_some(), &path.key("calc"))?)
            }
            None => None,
        };
        out.push(Output { field, part: Part::Measure(Measured { value: aggregate.value, calculation, is_sum }) });
    }
    for (i, wanted) in query.columns.iter().enumerate() {
        let of = scope.column(wanted, &columns.at(i))?;
        let column = of.column;
        let field = Field {
            name: name()?,
            label: column.label.clone(),
            ty: column.ty,
            role: column.role,
            format: column.format.clone(),
            grain: None,
        };
        out.push(Output { field, part: Part::Row(of.sql) });
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

/// Adds the outputs of a comparison, after the measures.
pub(crate) fn compare(outputs: &mut Vec<Output>, show: &[Compared]) {
    let mut taken: HashSet<String> = outputs.iter().map(|o| o.field.name.clone()).collect();
    for of in 0..outputs.len() {
        let Some(measure) = outputs[of].measure() else { continue };
        // A rank is no amount, and text has no difference.
        let is_amount = outputs[of].field.ty.is_number();
        let is_rank = measure.calculation.as_ref().is_some_and(Calculation::is_rank);
        for what in show {
            if *what != Compared::Previous && !is_amount {
                continue;
            }
            let field = calc::compared(&outputs[of].field, *what, is_rank);
            let mut name = field.name.clone();
            let mut n = 2;
            while !taken.insert(name.clone()) {
                name = format!("{}_{n}", field.name);
                n += 1;
            }
            outputs.push(Output { field: Field { name, ..field }, part: Part::Compared(of, *what) });
        }
    }
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
        Some(Part::Measure(_)) => Ok(i),
        _ => Err(path.refuse(format!("`{}` is not a measure.", scope::shorten(name)))),
    }
}

/// An output as something to test.
pub(crate) fn operand<'a>(outputs: &'a [Output], shown: &[String], name: &str, path: &Path<'_>) -> Result<Operand<'a>> {
    let at = find(outputs, name, path)?;
    let (output, sql) = outputs.get(at).zip(shown.get(at)).ok_or_else(Error::internal)?;
    Ok(Operand { sql: sql.clone(), ty: output.field.ty, name: &output.field.name, latest: None })
}
