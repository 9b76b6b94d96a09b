//! The folder that the server hands out: hashed names, compressed twins, a manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Mode;
use crate::sh::{self, Result};

/// Digits of the hash in a name: enough that no two versions of a file ever share one.
const DIGITS: usize = 10;

/// The files of one build.
pub(super) struct Site {
    folder: PathBuf,
    mode: Mode,
    /// Logical name to hashed name.
    names: BTreeMap<String, String>,
    /// Everything that belongs in the folder.
    kept: BTreeSet<String>,
}

impl Site {
    /// Opens the folder of the last build; files with the same hash stay as they are.
    pub(super) fn open(folder: &Path, mode: Mode) -> Result<Self> {
        // Beside the folder, since everything inside is served.
        let mark = folder.with_extension("mode");
        // The other mode compresses differently under the same names.
        if folder.exists() && fs::read_to_string(&mark).ok().as_deref() != Some(mode.name()) {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        fs::write(&mark, mode.name())?;
        let kept = BTreeSet::from(["manifest.json".to_owned()]);
        Ok(Self { folder: folder.to_owned(), mode, names: BTreeMap::new(), kept })
    }

    /// Adds a file and returns its hashed name.
    pub(super) fn add(&mut self, logical: &str, content: &[u8]) -> Result<String> {
        let hashed = hashed_name(logical, content);
        self.add_hashed(&hashed, content)?;
        self.names.insert(logical.to_owned(), hashed.clone());
        Ok(hashed)
    }

    /// Adds a file whose name carries its hash already, because other files name it.
    pub(super) fn add_hashed(&mut self, name: &str, content: &[u8]) -> Result {
        let mode = self.mode;
        self.write_once(name, || Ok(content.to_vec()))?;
        if is_compressible(name) {
            self.write_once(&format!("{name}.br"), || brotli(content, mode))?;
            self.write_once(&format!("{name}.gz"), || gzip(content, mode))?;
        }
        Ok(())
    }

    /// Keeps a file under its plain name too: for addresses that browsers know by heart, and for what
    /// the server itself reads.
    pub(super) fn add_plain(&mut self, name: &str, content: &[u8]) -> Result {
        let path = self.folder.join(name);
        if fs::read(&path).ok().as_deref() != Some(content) {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, content)?;
        }
        self.kept.insert(name.to_owned());
        Ok(())
    }

    /// The name is made of the content, so a file that exists is right.
    fn write_once(&mut self, name: &str, content: impl FnOnce() -> Result<Vec<u8>>) -> Result {
        let path = self.folder.join(name);
        if !path.exists() {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            // A build that is stopped half-way must not leave half a file under a good name.
            let part = path.with_file_name(".part");
            fs::write(&part, content()?)?;
            fs::rename(&part, &path)?;
        }
        self.kept.insert(name.to_owned());
        Ok(())
    }

    /// Writes the manifest, then removes the files of earlier builds.
    pub(super) fn finish(self) -> Result {
        let manifest = serde_json::to_string_pretty(&self.names)? + "\n";
        let part = self.folder.join(".part");
        fs::write(&part, manifest)?;
        fs::rename(&part, self.folder.join("manifest.json"))?;
        for file in sh::files_under(&self.folder) {
            let name = file.strip_prefix(&self.folder)?.to_string_lossy().replace('\\', "/");
            if !self.kept.contains(&name) {
                fs::remove_file(&file)?;
            }
        }
        for (logical, hashed) in &self.names {
            let plain = self.folder.join(hashed);
            let sent = self.folder.join(format!("{hashed}.br"));
            let size = |path: &Path| fs::metadata(path).map(|found| found.len());
            println!(
                "  {logical}: {:.1} KB, {:.1} KB sent",
                size(&plain)? as f64 / 1000.0,
                size(&sent).or_else(|_| size(&plain))? as f64 / 1000.0
            );
        }
        Ok(())
    }
}

/// `orrery.js` with its content's hash: `orrery-0123456789.js`.
fn hashed_name(logical: &str, content: &[u8]) -> String {
    let hash = &sh::hex(&Sha256::digest(content))[..DIGITS];
    match logical.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{logical}-{hash}"),
    }
}

/// Fonts and pictures are compressed by nature.
fn is_compressible(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "js" | "css" | "wasm" | "svg" | "json" | "txt" | "html" | "webmanifest")
}

fn brotli(content: &[u8], mode: Mode) -> Result<Vec<u8>> {
    let quality = if mode == Mode::Release { 11 } else { 5 };
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, quality, 22);
    writer.write_all(content)?;
    drop(writer);
    Ok(packed)
}

fn gzip(content: &[u8], mode: Mode) -> Result<Vec<u8>> {
    let level = if mode == Mode::Release { 9 } else { 5 };
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        sh::files_under(folder)
            .iter()
            .map(|file| file.strip_prefix(folder).unwrap().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn the_name_follows_the_content() {
        assert_eq!(hashed_name("style.css", b""), "style-e3b0c44298.css");
        assert_eq!(hashed_name("fonts/inter.woff2", b""), "fonts/inter-e3b0c44298.woff2");
        assert_ne!(hashed_name("style.css", b"a"), hashed_name("style.css", b"b"));
    }

    #[test]
    fn old_files_go_and_the_manifest_names_the_new_ones() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("site");
        let mut first = Site::open(&folder, Mode::Dev).unwrap();
        first.add("style.css", b"old").unwrap();
        first.add("inter.woff2", b"font").unwrap();
        first.add_plain("robots.txt", b"gone tomorrow").unwrap();
        first.finish().unwrap();

        let mut second = Site::open(&folder, Mode::Dev).unwrap();
        let css = second.add("style.css", b"new").unwrap();
        let font = second.add("inter.woff2", b"font").unwrap();
        second.add_plain("favicon.svg", b"<svg/>").unwrap();
        second.finish().unwrap();

        let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
        let manifest: BTreeMap<String, String> = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["style.css"], css);
        assert_eq!(manifest["inter.woff2"], font);
        let mut expected = vec![
            font,
            "favicon.svg".into(),
            "manifest.json".into(),
            css.clone(),
            format!("{css}.br"),
            format!("{css}.gz"),
        ];
        expected.sort();
        let mut found = names(&folder);
        found.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_other_mode_starts_over() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("site");
        let mut dev = Site::open(&folder, Mode::Dev).unwrap();
        dev.add("style.css", b"a").unwrap();
        dev.finish().unwrap();
        Site::open(&folder, Mode::Release).unwrap();
        assert!(names(&folder).is_empty());
    }

    #[test]
    fn the_twins_unpack_to_the_file() {
        let text = b"orrery ".repeat(500);
        let mut unpacked = Vec::new();
        let packed = brotli(&text, Mode::Release).unwrap();
        brotli::Decompressor::new(packed.as_slice(), 4096).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        unpacked.clear();
        let packed = gzip(&text, Mode::Release).unwrap();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }
}
