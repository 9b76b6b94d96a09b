//! Words of the domain as they stand in text columns.

use domain::alert::{EventKind, Status};
use domain::link::LinkKind;
use domain::notify::{ChannelKind, DeliveryStatus};
use domain::people::{Access, Scope, UserRole};

/// A text column on its way to an enum.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct Word(String);

/// A column of 0 and 1 on its way to a bool: the two databases share no type for it.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct Flag(i64);

impl From<Flag> for bool {
    fn from(flag: Flag) -> Self {
        flag.0 != 0
    }
}

macro_rules! from_word {
    ($($target:ty),*) => {$(
        impl TryFrom<Word> for $target {
            type Error = String;

            fn try_from(word: Word) -> Result<Self, String> {
                <$target>::parse(&word.0).ok_or_else(|| format!("unknown word `{}`", word.0))
            }
        }
    )*};
}

from_word!(Access, ChannelKind, DeliveryStatus, EventKind, LinkKind, Scope, Status, UserRole, crate::JobStatus);
