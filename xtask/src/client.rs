//! `xtask client`: the browser's half, from Rust, JavaScript and CSS to files with
//! their hash in the name, compressed, and a manifest of those names.

mod icons;
mod scripts;
mod site;
mod wasm;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::sh::{self, Result};
use site::Site;

/// How much work to put into small files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As small as it gets; takes minutes.
    Release,
    /// Quick to build, for working on the client.
    Dev,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }
}

/// What every step of the build needs to know.
struct Build {
    mode: Mode,
    root: PathBuf,
    frontend: PathBuf,
    /// Results of the steps, kept to skip those with unchanged input.
    work: PathBuf,
    /// Hash of the packages in use: new packages mean doing everything again.
    packages: String,
}

impl Build {
    /// Runs a step unless its input is that of the last time and its results are there.
    fn step(&self, name: &str, input: &str, results: &[PathBuf], run: impl FnOnce() -> Result) -> Result {
        let stamp = self.work.join(format!("{name}.stamp"));
        let unchanged = fs::read_to_string(&stamp).is_ok_and(|old| old == input);
        if unchanged && results.iter().all(|path| path.exists()) {
            return Ok(());
        }
        let started = Instant::now();
        run()?;
        fs::write(&stamp, input)?;
        println!("  {name}: {:.1} s", started.elapsed().as_secs_f64());
        Ok(())
    }

    /// A program that npm installed for the client.
    fn npm_bin(&self, name: &str) -> PathBuf {
        self.frontend.join("node_modules/.bin").join(name)
    }
}

fn prepare(mode: Mode) -> Result<Build> {
    let root = sh::root()?;
    let frontend = root.join("frontend");
    let package: serde_json::Value = serde_json::from_str(&sh::read_text(&frontend.join("package.json"))?)?;
    let wanted = ["dependencies", "devDependencies"].iter().filter_map(|kind| package[kind].as_object()).flatten();
    let is_missing = |name: &&str| !frontend.join("node_modules").join(name).exists();
    let missing: Vec<&str> = wanted.map(|(name, _)| name.as_str()).filter(is_missing).collect();
    if !missing.is_empty() {
        return Err(format!("npm packages are missing ({}): run scripts/setup.sh build", missing.join(", ")).into());
    }
    let packages = sh::digest_files(&[frontend.join("package-lock.json")])?;
    let work = root.join("target/client").join(mode.name());
    fs::create_dir_all(&work)?;
    Ok(Build { mode, root, frontend, work, packages })
}

/// Builds what draws charts on paper into `target/paper`; a matter of a second.
pub(crate) fn paper() -> Result {
    paper_files(&prepare(Mode::Dev)?).map(|_| ())
}

fn paper_files(build: &Build) -> Result<Vec<PathBuf>> {
    let folder = build.root.join("target/paper");
    fs::create_dir_all(&folder)?;
    scripts::paper(build, &folder)
}

/// Builds the client into `target/site`.
pub(crate) fn build(mode: Mode) -> Result {
    let build = prepare(mode)?;
    let modules = wasm::build(&build)?;
    let mut site = Site::open(&build.root.join("target/site"), mode)?;
    add_modules(&build, &mut site, &modules)?;
    let (charts, parts) = scripts::charts(&build)?;
    site.add("echarts.js", &sh::read(&charts)?)?;
    for part in parts {
        site.add_hashed(&file_name(&part), &sh::read(&part)?)?;
    }
    site.add("editor.js", &sh::read(&scripts::editor(&build)?)?)?;
    add_styles(&build, &mut site)?;
    site.add("icons.svg", icons::sprite(&build.frontend)?.as_bytes())?;
    add_public(&build.root.join("public"), &mut site)?;
    for file in paper_files(&build)? {
        site.add_plain(&format!("paper/{}", file_name(&file)), &sh::read(&file)?)?;
    }
    site.finish()
}

/// The WebAssembly and its glue, which gets the hashed names of the parts it loads;
/// `parts.json` tells the server which of them a page will need.
fn add_modules(build: &Build, site: &mut Site, modules: &wasm::Modules) -> Result {
    site.add("orrery.wasm", &sh::read(&modules.main)?)?;
    let mut glue = sh::read_text(&scripts::glue(build, &modules.glue)?)?;
    let mut hashed = BTreeMap::new();
    for part in &modules.parts {
        let name = file_name(part);
        let address = site.add(&name, &sh::read(part)?)?;
        let (from, to) = (format!("./{name}\""), format!("./{address}\""));
        if !glue.contains(&from) {
            return Err(format!("the glue does not load {name}").into());
        }
        glue = glue.replace(&from, &to);
        hashed.insert(name, address);
    }
    site.add("orrery.js", glue.as_bytes())?;
    let needs: BTreeMap<&String, Vec<&String>> = modules
        .needs
        .iter()
        .map(|(point, parts)| (point, parts.iter().filter_map(|part| hashed.get(&format!("{part}.wasm"))).collect()))
        .collect();
    site.add_plain("parts.json", serde_json::to_string_pretty(&needs)?.as_bytes())
}

/// The style sheet, and the fonts and pictures it names, which get their hashed names in it.
fn add_styles(build: &Build, site: &mut Site) -> Result {
    let (css, assets) = scripts::styles(build)?;
    let mut css = sh::read_text(&css)?;
    for asset in assets {
        let name = file_name(&asset);
        let hashed = site.add(&name, &sh::read(&asset)?)?;
        css = css.replace(&format!("./{name}"), &format!("./{hashed}"));
    }
    site.add("style.css", css.as_bytes())?;
    Ok(())
}

fn add_public(folder: &Path, site: &mut Site) -> Result {
    for file in sh::files_under(folder) {
        let name = file.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
        let content = sh::read(&file)?;
        site.add(&name, &content)?;
        site.add_plain(&name, &content)?;
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
