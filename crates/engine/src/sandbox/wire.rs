//! What the server and its SQL workers say to each other, over the socket that is the worker's
//! standard input. A frame is a kind, a length and that many bytes.

use domain::Error;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// The largest frame that either side takes.
pub(super) const MAX_FRAME: u32 = 256 << 20;

/// What a worker is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// The first one: which resources it may use.
    Start { memory_bytes: u64, threads: usize, seconds: u64 },
    /// A text of a user as DuckDB's parser reads it, as JSON.
    Parse { sql: String },
    /// A tree as SQL.
    Print { tree: String },
    /// Rows. The last order: from then on it reads nothing but what it has open.
    Run(Run),
}

/// A statement of ours over datasets and statements of users.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Run {
    /// Name and file of each database of rows.
    pub(super) files: Vec<(String, String)>,
    /// In the order in which they build on each other.
    pub(super) views: Vec<View>,
    pub(super) sql: String,
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

/// A statement of a user, with the tables that it may read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct View {
    /// The database that holds it.
    pub(super) name: String,
    /// The database of its tables.
    pub(super) catalog: String,
    /// Each with the statement, ours, that reads what may be read of it.
    pub(super) tables: Vec<(String, String)>,
    pub(super) sql: String,
    /// Reads the same tables, and DuckDB can list them.
    pub(super) listed: String,
}

/// What a worker answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// It started.
    Ready = 1,
    /// Text.
    Text = 2,
    /// A piece of an Arrow stream.
    Rows = 3,
    /// The rows are complete: [`Done`] as JSON.
    Done = 4,
    /// It did not work: [`Failed`] as JSON.
    Failed = 5,
    /// From the server: an [`Order`] as JSON.
    Order = 6,
}

impl Kind {
    pub(super) fn of(byte: u8) -> Option<Self> {
        [Self::Ready, Self::Text, Self::Rows, Self::Done, Self::Failed, Self::Order]
            .into_iter()
            .find(|k| *k as u8 == byte)
    }
}

/// The end of the rows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) is_truncated: bool,
    pub(super) elapsed_us: u64,
    /// Whether the operating system kept it from everything but its socket and its open files.
    pub(super) is_confined: bool,
}

/// What went wrong.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Failed {
    pub(super) error: Error,
    /// The name of the column that it is about.
    pub(super) column: Option<String>,
    /// DuckDB's own words, for the log.
    pub(super) cause: String,
}

/// The head of a frame.
pub(super) fn head(kind: Kind, bytes: usize) -> io::Result<[u8; 5]> {
    let length = u32::try_from(bytes).ok().filter(|n| *n <= MAX_FRAME).ok_or(io::ErrorKind::FileTooLarge)?;
    let [a, b, c, d] = length.to_le_bytes();
    Ok([kind as u8, a, b, c, d])
}

/// Reads the head of a frame.
pub(super) fn length(head: [u8; 5]) -> io::Result<(Kind, usize)> {
    let [kind, a, b, c, d] = head;
    let kind = Kind::of(kind).ok_or(io::ErrorKind::InvalidData)?;
    let length = u32::from_le_bytes([a, b, c, d]);
    if length > MAX_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok((kind, length as usize))
}

/// Writes a frame.
pub(super) fn send(to: &mut impl Write, kind: Kind, body: &[u8]) -> io::Result<()> {
    to.write_all(&head(kind, body.len())?)?;
    to.write_all(body)
}

/// Reads a frame.
pub(super) fn receive(from: &mut impl Read) -> io::Result<(Kind, Vec<u8>)> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let (kind, length) = length(head)?;
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok((kind, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_arrive_as_they_were_sent() {
        let mut pipe = Vec::new();
        send(&mut pipe, Kind::Text, b"abc").unwrap();
        send(&mut pipe, Kind::Done, b"").unwrap();
        let mut from = pipe.as_slice();
        assert_eq!(receive(&mut from).unwrap(), (Kind::Text, b"abc".to_vec()));
        assert_eq!(receive(&mut from).unwrap(), (Kind::Done, Vec::new()));
        assert!(receive(&mut from).is_err());
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        assert!(length([9, 0, 0, 0, 0]).is_err());
        assert!(length([2, 255, 255, 255, 255]).is_err());
    }
}
