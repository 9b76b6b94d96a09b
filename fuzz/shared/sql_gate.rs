//! A statement of a user before the gate. What passes reads, by DuckDB's own account, nothing but
//! datasets under the names that we gave them.

use engine::sandbox::probe::Probe;

pub(crate) struct Gate(Probe);

impl Gate {
    pub(crate) fn open() -> Self {
        Self(Probe::open().expect("DuckDB opens"))
    }

    /// One input.
    pub(crate) fn one(&self, data: &[u8]) {
        let Ok(sql) = std::str::from_utf8(data) else { return };
        let Some(passed) = self.0.judge(sql) else { return };
        for table in &passed.reads {
            assert!(table.starts_with(&passed.prefix), "{sql}\nreads {table}, and not only {}", passed.prefix);
        }
    }
}
