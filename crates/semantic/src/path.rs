//! Where in the question something stands, such as `filter.and[0].column`. It is a chain of borrowed
//! steps, so walking a question allocates nothing; text is made only for an error.

use domain::{Error, ErrorCode};
use std::fmt;

/// A place in a question.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Root(&'static str),
    Key(&'a Path<'a>, &'static str),
    At(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// The field `key` of this place.
    pub(crate) fn key(&'a self, key: &'static str) -> Path<'a> {
        Path::Key(self, key)
    }

    /// The element `index` of this place.
    pub(crate) fn at(&'a self, index: usize) -> Path<'a> {
        Path::At(self, index)
    }

    /// The question is wrong here.
    pub(crate) fn refuse(&self, message: impl Into<String>) -> Error {
        self.error(ErrorCode::InvalidQuery, message)
    }

    /// An error about this place.
    pub(crate) fn error(&self, code: ErrorCode, message: impl Into<String>) -> Error {
        Error::new(code, message).field(self.to_string())
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::At(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_the_contract_writes_it() {
        let filter = Path::Root("filter");
        let list = filter.key("and");
        let item = list.at(0);
        assert_eq!(item.key("column").to_string(), "filter.and[0].column");
    }
}
