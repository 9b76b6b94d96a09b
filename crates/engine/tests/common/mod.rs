//! What the engine's tests share.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use domain::dataset::LoadOptions;
use domain::{Cell, Column, DataType, Field, Role};
use engine::{Config, Engine, Loaded, Progress, Segment};
use semantic::Plan;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

pub struct Bed {
    pub engine: Engine,
    pub dir: TempDir,
}

pub fn config(dir: &Path) -> Config {
    Config {
        dir: dir.to_owned(),
        memory_limit_bytes: 512 << 20,
        threads: 2,
        timeout: Duration::from_secs(30),
        cache_bytes: 64 << 20,
        sources: engine::sources::Rules::default(),
    }
}

pub fn bed() -> Bed {
    bed_with(|_| {})
}

pub fn bed_with(change: impl FnOnce(&mut Config)) -> Bed {
    let _ = tracing_subscriber::fmt().with_env_filter("engine=debug").with_test_writer().try_init();
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(dir.path());
    change(&mut config);
    Bed { engine: Engine::open(config).unwrap(), dir }
}

impl Bed {
    pub async fn load(&self, name: &str) -> domain::Result<Loaded> {
        self.load_with(name, &LoadOptions::default()).await
    }

    pub async fn load_with(&self, name: &str, options: &LoadOptions) -> domain::Result<Loaded> {
        let path = fixture(name);
        self.engine.load(&path, name, options, None, &Progress::default()).await
    }

    /// Loads a text under a file name.
    pub async fn text(&self, name: &str, content: impl AsRef<[u8]>, options: &LoadOptions) -> domain::Result<Loaded> {
        let path = self.file(name, content);
        self.engine.load(&path, name, options, None, &Progress::default()).await
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(format!("upload-{name}"));
        std::fs::write(&path, content).unwrap();
        path
    }

    /// All rows of some SQL over `data`, the rows of one segment, row by row.
    pub async fn rows(&self, segment: &Segment, sql: &str) -> Vec<Vec<Cell>> {
        self.rows_in(segment, sql, "UTC").await
    }

    pub async fn rows_in(&self, segment: &Segment, sql: &str, timezone: &str) -> Vec<Vec<Cell>> {
        let width = self.width(segment, sql).await;
        let plan = plan(&over(segment, sql), width, 100_000, timezone);
        let key = format!("{sql}{timezone}");
        let (answer, _) = self.engine.query(&plan, std::slice::from_ref(segment), &key, true).await.unwrap();
        (0..answer.table.row_count()).map(|r| answer.table.row(r).cloned().collect()).collect()
    }

    async fn width(&self, segment: &Segment, sql: &str) -> usize {
        let count = format!("SELECT len(list(column_name)) FROM (DESCRIBE {})", over(segment, sql));
        match self.engine.scalar(&count, std::slice::from_ref(segment)).await.unwrap() {
            Cell::Int(n) => n as usize,
            other => panic!("{other:?}"),
        }
    }

    pub async fn one(&self, segment: &Segment, sql: &str) -> Cell {
        self.engine.scalar(&over(segment, sql), std::slice::from_ref(segment)).await.unwrap()
    }

    /// Files that the engine left in its folder for temporary ones.
    pub fn left_over(&self) -> Vec<String> {
        let mut found = Vec::new();
        for process in std::fs::read_dir(self.dir.path().join("engine-tmp")).unwrap() {
            for entry in std::fs::read_dir(process.unwrap().path()).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if name != "in-use" && name != "questions" && name != "appends" {
                    found.push(name);
                }
            }
        }
        found
    }
}

pub fn over(segment: &Segment, sql: &str) -> String {
    format!("WITH data AS (FROM \"{}\".main.data) {sql}", segment.catalog())
}

pub fn plan(sql: &str, width: usize, limit: u64, timezone: &str) -> Plan {
    let column = |n: usize| Field {
        name: format!("c{n}"),
        label: format!("c{n}"),
        ty: DataType::Other,
        role: Role::Dimension,
        format: None,
        grain: None,
    };
    Plan {
        sql: sql.into(),
        columns: (0..width).map(column).collect(),
        limit,
        timezone: timezone.into(),
        is_narrowed: false,
    }
}

pub fn fixture(name: &str) -> PathBuf {
    // Tests run in the folder of their crate.
    Path::new("../../fixtures").join(name)
}

pub fn shape(columns: &[Column]) -> Vec<(&str, &str)> {
    columns.iter().map(|c| (c.name.as_str(), c.ty.as_str())).collect()
}

pub fn roles(columns: &[Column]) -> Vec<(&str, &str)> {
    columns.iter().map(|c| (c.name.as_str(), c.role.as_str())).collect()
}

pub fn text(s: &str) -> Cell {
    Cell::Text(s.into())
}
