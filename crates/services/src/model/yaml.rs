//! Models as YAML: content as code.

use crate::Services;
use domain::model::{ModelProblem, SemanticModel};
use domain::{Error, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The longest YAML that is read, in bytes.
const MAX_YAML: usize = 1 << 20;

impl Services {
    /// A model as YAML.
    ///
    /// # Errors
    /// None that a reader could mend.
    pub fn model_to_yaml(&self, model: &SemanticModel) -> Result<String> {
        yaml_serde::to_string(model).map_err(|cause| {
            tracing::error!(%cause, "writing a model as YAML");
            Error::internal()
        })
    }

    /// Reads a model from YAML.
    ///
    /// # Errors
    /// The text is not YAML, or not that of a model.
    pub fn model_of_yaml(&self, text: &str) -> Result<SemanticModel> {
        if text.len() > MAX_YAML {
            return Err(Error::new(domain::ErrorCode::TooLarge, too_long()));
        }
        read(text).map_err(|problem| {
            let error = Error::invalid(problem.message);
            match problem.line {
                Some(line) => error.field(format!("line {line}")),
                None => error,
            }
        })
    }
}

fn too_long() -> String {
    "A model has at most 1 MB of YAML.".to_owned()
}

/// Reads a model, or says what is wrong and in which line.
pub(super) fn read(text: &str) -> Result<SemanticModel, ModelProblem> {
    if text.len() > MAX_YAML {
        return Err(ModelProblem { line: None, message: too_long(), hint: None });
    }
    // A file that says nothing, or only comments, is an empty model.
    let model: Option<SemanticModel> = yaml_serde::from_str(text).map_err(|cause| {
        let said = cause.to_string();
        let reason = said.split(" at line ").next().unwrap_or_default();
        let line = cause.location().map(|at| at.line());
        ModelProblem { line, message: format!("The YAML cannot be read: {reason}."), hint: None }
    })?;
    Ok(model.unwrap_or_default())
}

/// The line in which a part of a model stands, such as `calculated[0].expression`; that of what it
/// would stand in where it is not there itself.
pub(crate) fn line_of(text: &str, field: &str) -> Option<usize> {
    let path: Vec<&str> = field.split(['.', '[', ']']).filter(|step| !step.is_empty()).collect();
    let reader = yaml_serde::Deserializer::from_str(text);
    Probe(&path).deserialize(reader).err()?.location().map(|at| at.line())
}

/// Walks down a path and fails at its end: the error of the reader knows the place.
struct Probe<'p>(&'p [&'p str]);

impl<'de> DeserializeSeed<'de> for Probe<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

/// What is met where the path ends, or before it does.
macro_rules! ends {
    ($($visit:ident: $ty:ty,)*) => {$(
        fn $visit<E: serde::de::Error>(self, _: $ty) -> Result<(), E> {
            Err(E::custom("here"))
        }
    )*};
}

impl<'de> Visitor<'de> for Probe<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part of a model")
    }

    ends! { visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Err(E::custom("here"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if let Some((wanted, rest)) = self.0.split_first() {
            while let Some(key) = map.next_key::<String>()? {
                if key == *wanted {
                    return map.next_value_seed(Probe(rest));
                }
                map.next_value::<IgnoredAny>()?;
            }
        }
        Err(A::Error::custom("here"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if let Some((wanted, rest)) = self.0.split_first() {
            let wanted: usize = wanted.parse().map_err(A::Error::custom)?;
            for _ in 0..wanted {
                if list.next_element::<IgnoredAny>()?.is_none() {
                    return Err(A::Error::custom("here"));
                }
            }
            return list.next_element_seed(Probe(rest)).map(|_| ());
        }
        Err(A::Error::custom("here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# content as code\ncalculated:\n- name: speed\n  expression: distance / air_time\n\
        - {name: late, expression: dep_delay > 15}\nhierarchies:\n- name: Place\n  columns:\n  - origin\n  - nowhere\n\
        synonyms:\n  dest: [destination]\n";

    #[test]
    fn parts_have_lines() {
        for (field, line) in [
            ("calculated[0].expression", 4),
            ("calculated[1].expression", 5),
            ("calculated[1].role", 5),
            ("hierarchies[0].columns[1]", 10),
            ("synonyms.dest[0]", 12),
        ] {
            assert_eq!(line_of(TEXT, field), Some(line), "{field}");
        }
    }

    #[test]
    fn what_is_no_model_names_its_line() {
        let problem = |text: &str| read(text).unwrap_err();
        let unknown = problem("calculated:\n- name: speed\n  expresion: 1\n");
        assert_eq!(unknown.line, Some(3), "{unknown:?}");
        assert!(unknown.message.contains("expresion"), "{unknown:?}");
        assert!(problem("calculated: [\n").line.is_some());
        assert_eq!(read("# nothing\n"), Ok(SemanticModel::default()));
        assert_eq!(read(TEXT).unwrap().calculated.len(), 2);
    }
}
