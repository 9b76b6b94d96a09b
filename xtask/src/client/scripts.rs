//! JavaScript and CSS, bundled by esbuild.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Build, Mode, file_name};
use crate::sh::{self, Result};

/// The browsers that Leptos and the style sheets need anyway.
const TARGET: &str = "--target=es2022";

fn esbuild(build: &Build, entry: &Path) -> Command {
    let mut command = Command::new(build.npm_bin("esbuild"));
    command
        .current_dir(&build.root)
        // Style sheets lie outside the folder of the packages they take fonts from.
        .env("NODE_PATH", build.frontend.join("node_modules"))
        .arg(entry)
        .args(["--bundle", "--legal-comments=none", "--log-level=warning"]);
    if build.mode == Mode::Release {
        command.arg("--minify");
    }
    command
}

/// The glue of wasm-bindgen with its snippets in one file. The page tells it where the
/// module lies.
pub(super) fn glue(build: &Build, entry: &Path) -> Result<PathBuf> {
    let bundled = build.work.join("orrery.js");
    let sources = sh::files_under(&build.work.join("bindgen"));
    let scripts: Vec<PathBuf> =
        sources.into_iter().filter(|path| path.extension().is_some_and(|e| e == "js")).collect();
    let input = sh::digest_files(&scripts)? + &build.packages;
    build.step("glue", &input, std::slice::from_ref(&bundled), || {
        sh::run(
            esbuild(build, entry)
                .args(["--format=esm", TARGET])
                // The module that loads the parts is named once for each of them.
                .arg("--log-override:duplicate-object-key=silent")
                .arg(format!("--outfile={}", bundled.display())),
        )
    })?;
    Ok(bundled)
}

/// ECharts and what belongs to it: the file that a page imports, and those that it imports in turn,
/// some of them only when a chart asks for them. Their names carry their hash already.
pub(super) fn charts(build: &Build) -> Result<(PathBuf, Vec<PathBuf>)> {
    let entry = build.frontend.join("js/charts.js");
    let folder = build.work.join("charts");
    let bundled = folder.join("echarts.js");
    let input = sh::digest_files(&sh::files_under(&build.frontend.join("js")))? + &build.packages;
    build.step("charts", &input, std::slice::from_ref(&bundled), || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        sh::run(
            esbuild(build, &entry)
                .args(["--format=esm", "--splitting", TARGET, "--define:process.env.NODE_ENV=\"production\""])
                .args(["--entry-names=echarts", "--chunk-names=echarts-[name]-[hash]"])
                .arg(format!("--outdir={}", folder.display())),
        )
    })?;
    let parts = sh::files_under(&folder).into_iter().filter(|path| *path != bundled).collect();
    Ok((bundled, parts))
}

/// The SQL editor, which the page of SQL imports.
pub(super) fn editor(build: &Build) -> Result<PathBuf> {
    let bundled = build.work.join("editor.js");
    let input = sh::digest_files(&sh::files_under(&build.frontend.join("js")))? + &build.packages;
    build.step("editor", &input, std::slice::from_ref(&bundled), || {
        sh::run(
            esbuild(build, &build.frontend.join("js/editor.js"))
                .args(["--format=esm", TARGET])
                .arg(format!("--outfile={}", bundled.display())),
        )
    })?;
    Ok(bundled)
}

/// What draws charts on paper: the same as in the browser, as a script without modules, and the fonts
/// that it is printed with.
pub(super) fn paper(build: &Build, folder: &Path) -> Result<Vec<PathBuf>> {
    let script = folder.join("paper.js");
    let input = sh::digest_files(&sh::files_under(&build.frontend.join("js")))? + &build.packages;
    build.step("paper", &input, std::slice::from_ref(&script), || {
        // Tests and the client's build may both be at it: each writes its own, the last one stays.
        let part = folder.join(format!(".{}.js", std::process::id()));
        sh::run(
            esbuild(build, &build.frontend.join("js/paper.js"))
                .args(["--format=iife", "--global-name=paper", "--minify", TARGET])
                .arg("--define:process.env.NODE_ENV=\"production\"")
                .arg(format!("--outfile={}", part.display())),
        )?;
        Ok(fs::rename(&part, &script)?)
    })?;
    let inter = build.frontend.join("node_modules/@expo-google-fonts/inter");
    let fonts = ["400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf"].map(|font| inter.join(font));
    let mut files = vec![script];
    for font in fonts {
        let kept = folder.join(file_name(&font));
        if !kept.exists() {
            let part = folder.join(format!(".{}.ttf", std::process::id()));
            fs::copy(&font, &part)?;
            fs::rename(&part, &kept)?;
        }
        files.push(kept);
    }
    Ok(files)
}

/// The style sheet, and the files that it names by `url()`.
pub(super) fn styles(build: &Build) -> Result<(PathBuf, Vec<PathBuf>)> {
    let entry = build.root.join("style/main.css");
    let folder = build.work.join("style");
    let bundled = folder.join("main.css");
    let input = sh::digest_files(&sh::files_under(&build.root.join("style")))? + &build.packages;
    build.step("styles", &input, std::slice::from_ref(&bundled), || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        sh::run(
            esbuild(build, &entry)
                .args(["--loader:.woff2=file", "--loader:.svg=file", "--loader:.png=file"])
                .arg("--asset-names=[name]")
                .arg(format!("--outdir={}", folder.display())),
        )
    })?;
    let assets = sh::files_under(&folder).into_iter().filter(|path| file_name(path) != "main.css").collect();
    Ok((bundled, assets))
}
