//! `xtask dist`: the archive to hand out. Unpacked anywhere, it runs.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::client::{self, Mode};
use crate::sh::{self, Result};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Packages whose files are inside the archive, with their licences.
const PARTS: [(&str, &str); 7] = [
    ("Apache ECharts", "frontend/node_modules/echarts/LICENSE"),
    ("Apache ECharts, notice", "frontend/node_modules/echarts/NOTICE"),
    ("World Atlas", "frontend/node_modules/world-atlas/LICENSE"),
    ("TopoJSON client", "frontend/node_modules/topojson-client/LICENSE"),
    ("Lucide icons", "frontend/node_modules/lucide-static/LICENSE"),
    ("Inter", "frontend/node_modules/@fontsource-variable/inter/LICENSE"),
    ("Inter, for paper", "frontend/node_modules/@expo-google-fonts/inter/LICENSE_FONT"),
];

/// Builds everything in release and packs it.
pub(crate) fn build() -> Result {
    let root = sh::root()?;
    client::build(Mode::Release)?;
    let mac = cfg!(target_os = "macos");
    let (origin, library) = if mac { ("@loader_path", "libduckdb.dylib") } else { ("$ORIGIN", "libduckdb.so") };
    // The search path goes to this one binary: as a flag for all crates it would
    // make cargo build the dependencies once more.
    sh::run(
        Command::new("cargo")
            .current_dir(&root)
            .args(["rustc", "--package", "server", "--bin", "orrery", "--release", "--"])
            .arg(format!("-Clink-arg=-Wl,-rpath,{origin}/lib")),
    )?;

    let staging = root.join("target/dist");
    let house = staging.join("orrery");
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    fs::create_dir_all(house.join("lib"))?;
    copy(&sh::target_dir(&root).join("release/orrery"), &house.join("orrery"))?;
    let duckdb = std::env::var_os("DUCKDB_LIB_DIR").ok_or("DUCKDB_LIB_DIR is not set")?;
    copy(&Path::new(&duckdb).join(library), &house.join("lib").join(library))?;
    copy_folder(&root.join("target/site"), &house.join("site"))?;
    copy_folder(&root.join("fixtures"), &house.join("fixtures"))?;
    for name in ["README.md", "LICENSE"] {
        copy(&root.join(name), &house.join(name))?;
    }
    fs::write(house.join("THIRD-PARTY.txt"), third_party(&root, Path::new(&duckdb))?)?;

    // It must start without the folders of this build.
    sh::output(
        Command::new(house.join("orrery")).arg("--version").current_dir(&staging).env_remove("LD_LIBRARY_PATH"),
    )?;
    let platform = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
    let archive = root.join(format!("target/orrery-{VERSION}-{platform}.tar.gz"));
    sh::run(Command::new("tar").arg("-C").arg(&staging).arg("-czf").arg(&archive).arg("orrery"))?;
    let megabytes = fs::metadata(&archive)?.len() as f64 / 1e6;
    println!("{} ({megabytes:.1} MB)", archive.strip_prefix(&root)?.display());
    Ok(())
}

fn third_party(root: &Path, duckdb: &Path) -> Result<String> {
    let mut text = String::new();
    let parts = PARTS.iter().map(|(name, path)| (*name, root.join(path)));
    for (name, path) in parts.chain([("DuckDB", duckdb.join("LICENSE"))]) {
        text += &format!("==== {name} ====\n\n{}\n\n", sh::read_text(&path)?.trim());
    }
    Ok(text)
}

fn copy(from: &Path, to: &Path) -> Result {
    fs::copy(from, to).map_err(|error| format!("{}: {error}", from.display()))?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result {
    for file in sh::files_under(from) {
        let target = to.join(file.strip_prefix(from)?);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        copy(&file, &target)?;
    }
    Ok(())
}
