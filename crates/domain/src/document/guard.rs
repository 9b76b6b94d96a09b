//! Reads the bytes of a foreign update before yrs does, and lets through only what our documents
//! are made of.
//!
//! yrs trusts an update in places where a crafted one does harm: clocks that overflow, values and
//! maps nested so deep that the stack ends (which nothing can catch), lengths that reserve
//! gigabytes, blocks written over blocks. All of that shows in the bytes, so it is refused here.
//!
//! The encoding is lib0 v1: <https://github.com/yjs/yjs/blob/main/INTERNALS.md>.

use super::{MAX_TILES, ROOTS};
use std::collections::BTreeSet;

/// The deepest a value may nest: what `serde_json` reads.
const MAX_DEPTH: usize = 128;
/// The most maps and texts in one update: a tile has three. yrs goes down them by recursion.
const MAX_TYPES: usize = 5 * MAX_TILES;
/// yrs computes with clocks as `i32` here and there.
const MAX_CLOCK: u32 = i32::MAX as u32;
/// Client ids have 53 bits.
const MAX_CLIENT: u64 = (1 << 53) - 1;

const GC: u8 = 0;
const SKIP: u8 = 10;
const DELETED: u8 = 1;
const STRING: u8 = 4;
const TYPE: u8 = 7;
const ANY: u8 = 8;
const HAS_ORIGIN: u8 = 0b1000_0000;
const HAS_RIGHT_ORIGIN: u8 = 0b0100_0000;
const HAS_PARENT_SUB: u8 = 0b0010_0000;
const MAP: u8 = 1;
const TEXT: u8 = 2;

/// Whether the bytes are one whole update that holds only what a dashboard's document may hold.
pub(super) fn is_sound(update: &[u8]) -> bool {
    let mut reader = Reader { bytes: update, types: 0 };
    reader.update().is_some() && reader.bytes.is_empty()
}

/// Whether the bytes are one whole state vector.
pub(super) fn is_sound_vector(vector: &[u8]) -> bool {
    let mut reader = Reader { bytes: vector, types: 0 };
    reader.vector().is_some() && reader.bytes.is_empty()
}

/// The bytes that are left, and the types that were read. `None` from a method: not sound.
struct Reader<'a> {
    bytes: &'a [u8],
    types: usize,
}

impl<'a> Reader<'a> {
    fn update(&mut self) -> Option<()> {
        let mut seen = BTreeSet::new();
        for _ in 0..self.count()? {
            let blocks = self.count()?;
            self.new_client(&mut seen)?;
            let mut clock = self.clock()?;
            for _ in 0..blocks {
                clock = advance(clock, self.block()?)?;
            }
        }
        let mut seen = BTreeSet::new();
        for _ in 0..self.count()? {
            self.new_client(&mut seen)?;
            let mut end = 0;
            for _ in 0..self.count().filter(|ranges| *ranges > 0)? {
                let start = self.clock().filter(|start| *start >= end)?;
                end = advance(start, self.length()?)?;
            }
        }
        Some(())
    }

    fn vector(&mut self) -> Option<()> {
        let mut seen = BTreeSet::new();
        for _ in 0..self.count()? {
            self.new_client(&mut seen)?;
            self.clock()?;
        }
        Some(())
    }

    /// Reads a block and returns by how much it moves the clock.
    fn block(&mut self) -> Option<u32> {
        let info = self.byte()?;
        if info == GC || info == SKIP {
            return self.length();
        }
        if info & HAS_ORIGIN != 0 {
            self.id()?;
        }
        if info & HAS_RIGHT_ORIGIN != 0 {
            self.id()?;
        }
        if info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN) == 0 {
            let has_key = info & HAS_PARENT_SUB != 0;
            match self.number(1)? {
                // The roots are maps: what lies in them has a key.
                1 if has_key && ROOTS.contains(&self.string()?) => {}
                0 => self.id()?,
                _ => return None,
            }
            if has_key {
                self.string()?;
            }
        }
        match info & 0b1111 {
            DELETED => self.length(),
            STRING => u32::try_from(self.string()?.encode_utf16().count()).ok(),
            TYPE => {
                self.types += 1;
                (matches!(self.byte()?, MAP | TEXT) && self.types <= MAX_TYPES).then_some(1)
            }
            ANY => {
                let values = self.count()?;
                for _ in 0..values {
                    self.value(MAX_DEPTH)?;
                }
                Some(values)
            }
            _ => None,
        }
    }

    /// Reads a JSON-like value.
    fn value(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match self.byte()? {
            120 | 121 | 126 | 127 => {}
            122 | 123 => drop(self.take(8)?),
            124 => drop(self.take(4)?),
            125 => drop(self.varint(5)?),
            119 => drop(self.string()?),
            118 => {
                for _ in 0..self.count()? {
                    self.string()?;
                    self.value(depth)?;
                }
            }
            117 => {
                for _ in 0..self.count()? {
                    self.value(depth)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn id(&mut self) -> Option<()> {
        self.number(MAX_CLIENT)?;
        self.clock()?;
        Some(())
    }

    fn new_client(&mut self, seen: &mut BTreeSet<u64>) -> Option<()> {
        let client = self.number(MAX_CLIENT)?;
        seen.insert(client).then_some(())
    }

    fn clock(&mut self) -> Option<u32> {
        u32::try_from(self.number(MAX_CLOCK.into())?).ok()
    }

    fn length(&mut self) -> Option<u32> {
        self.clock().filter(|length| *length > 0)
    }

    /// A number of things that follow, each of at least a byte.
    fn count(&mut self) -> Option<u32> {
        self.clock().filter(|count| *count as usize <= self.bytes.len())
    }

    fn string(&mut self) -> Option<&'a str> {
        let length = self.count()?;
        std::str::from_utf8(self.take(length as usize)?).ok()
    }

    /// An unsigned variable-length integer.
    fn number(&mut self, most: u64) -> Option<u64> {
        let bytes = self.varint(8)?;
        let number = bytes.iter().rev().fold(0, |number, byte| (number << 7) | u64::from(byte & 0x7f));
        (number <= most).then_some(number)
    }

    /// The bytes of a variable-length integer, at most `longest`.
    fn varint(&mut self, longest: usize) -> Option<&'a [u8]> {
        let last = self.bytes.iter().take(longest).position(|byte| *byte < 0x80)?;
        self.take(last + 1)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }
}

fn advance(clock: u32, by: u32) -> Option<u32> {
    clock.checked_add(by).filter(|clock| *clock <= MAX_CLOCK)
}
