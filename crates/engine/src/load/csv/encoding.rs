//! Which characters the bytes of a text file stand for, and the same file as UTF-8.

use crate::fault;
use crate::load::Job;
use domain::Result;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const CHUNK: usize = 1 << 20;

/// The file as UTF-8: itself, or a copy in the load's folder.
pub(crate) struct Utf8 {
    pub(crate) path: PathBuf,
    pub(crate) encoding: &'static Encoding,
}

/// Finds the encoding, reading the whole file once, and writes a copy where it is not UTF-8.
pub(crate) fn to_utf8(job: &Job, folder: &Path, whole: bool) -> Result<Utf8> {
    let report = |e: std::io::Error| fault::io("reading a file", &e);
    let mut file = File::open(&job.file).map_err(report)?;
    let head = read_chunk(&mut file).map_err(report)?;
    refuse_binary(&head)?;
    let chosen = match job.options.encoding.as_deref() {
        None => None,
        Some(label) => Some(Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| {
            domain::Error::invalid(format!("There is no character encoding \"{label}\"."))
                .hint("Try utf-8, windows-1252 or utf-16le.")
                .field("options.encoding")
        })?),
    };
    let encoding = match chosen.or_else(|| Encoding::for_bom(&head).map(|(e, _)| e)) {
        Some(encoding) => encoding,
        None => detect(job, &mut file, head, whole)?,
    };
    if encoding == UTF_8 {
        if chosen.is_some() && !is_valid(job, whole)? {
            return Err(fault::unusable("The file is not in the encoding utf-8.")
                .hint("Leave the encoding to be detected, or choose another, such as windows-1252.")
                .field("options.encoding"));
        }
        return Ok(Utf8 { path: job.file.clone(), encoding });
    }
    let path = folder.join("utf8.csv");
    transcode(job, encoding, &path, whole)?;
    Ok(Utf8 { path, encoding })
}

fn read_chunk(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK);
    file.take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

/// Pictures, archives and the like under the name of a text file.
fn refuse_binary(head: &[u8]) -> Result<()> {
    let what = match head {
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] | [b'G', b'I', b'F', b'8', ..] => "a picture",
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive or an Excel workbook",
        [0x1F, 0x8B, ..] | [0x28, 0xB5, 0x2F, 0xFD, ..] | [b'B', b'Z', b'h', ..] => "a compressed file",
        [b'P', b'A', b'R', b'1', ..] => "a Parquet file",
        [0xD0, 0xCF, 0x11, 0xE0, ..] => "an old Excel workbook",
        [0x7F, b'E', b'L', b'F', ..] | [b'M', b'Z', 0x90, ..] => "a program",
        _ => {
            let utf16 = Encoding::for_bom(head).is_some_and(|(e, _)| e == UTF_16LE || e == UTF_16BE);
            return if head.contains(&0) && !utf16 { Err(not_text()) } else { Ok(()) };
        }
    };
    Err(fault::unusable(format!("The file is {what}, not a text file.")).hint("Choose the file's real format."))
}

fn not_text() -> domain::Error {
    fault::unusable("The file is not text: it contains NUL bytes.").hint("Choose the file's real format.")
}

/// UTF-8 if every byte fits, else the best guess for the part that does not.
fn detect(job: &Job, file: &mut File, head: Vec<u8>, whole: bool) -> Result<&'static Encoding> {
    let report = |e: std::io::Error| fault::io("reading a file", &e);
    let mut chunk = head;
    loop {
        if !whole {
            return Ok(match valid_length(&chunk, false) {
                Ok(_) => UTF_8,
                Err(()) => guess(&chunk),
            });
        }
        job.check()?;
        let Ok(valid) = valid_length(&chunk, chunk.len() < CHUNK) else { return Ok(guess(&chunk)) };
        if chunk.contains(&0) {
            return Err(not_text());
        }
        if chunk.len() < CHUNK {
            return Ok(UTF_8);
        }
        // A character may lie across the border of two chunks.
        let cut = (chunk.len() - valid) as i64;
        file.seek(SeekFrom::Current(-cut)).map_err(report)?;
        chunk = read_chunk(file).map_err(report)?;
        if chunk.is_empty() {
            return Ok(UTF_8);
        }
    }
}

/// How many bytes are whole characters; an error where one is no UTF-8.
fn valid_length(chunk: &[u8], last: bool) -> Result<usize, ()> {
    match std::str::from_utf8(chunk) {
        Ok(_) => Ok(chunk.len()),
        Err(error) if error.error_len().is_none() && !last => Ok(error.valid_up_to()),
        Err(_) => Err(()),
    }
}

/// The encoding of a chunk that is not valid UTF-8. One stray byte among a text full of good
/// UTF-8 does not make it another encoding.
fn guess(chunk: &[u8]) -> &'static Encoding {
    let lossy = String::from_utf8_lossy(chunk);
    let stray = lossy.chars().filter(|c| *c == '\u{FFFD}').count();
    let good = lossy.chars().filter(|c| !c.is_ascii() && *c != '\u{FFFD}').count();
    if good > stray * 10 {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(chunk, true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

fn is_valid(job: &Job, whole: bool) -> Result<bool> {
    let mut file = File::open(&job.file).map_err(|e| fault::io("reading a file", &e))?;
    let head = read_chunk(&mut file).map_err(|e| fault::io("reading a file", &e))?;
    Ok(detect(job, &mut file, head, whole)? == UTF_8)
}

/// Writes the file, or its first part, as UTF-8; what has no meaning becomes U+FFFD.
fn transcode(job: &Job, encoding: &'static Encoding, target: &Path, whole: bool) -> Result<()> {
    let report = |e: std::io::Error| fault::io("transcoding a file", &e);
    let mut source = File::open(&job.file).map_err(report)?;
    let mut target = BufWriter::new(File::create(target).map_err(report)?);
    let mut decoder = encoding.new_decoder();
    let mut buffer = vec![0_u8; CHUNK];
    let mut text = String::with_capacity(4 * CHUNK);
    let mut chunks = 0;
    loop {
        job.check()?;
        let read = source.read(&mut buffer).map_err(report)?;
        chunks += 1;
        let last = read == 0 || (!whole && chunks > 4);
        text.clear();
        // The capacity is enough for any encoding, so one call consumes the chunk.
        let _ = decoder.decode_to_string(&buffer[..read], &mut text, last);
        if text.contains('\0') {
            return Err(not_text());
        }
        target.write_all(text.as_bytes()).map_err(report)?;
        if last {
            return target.flush().map_err(report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_text_is_guessed_and_a_stray_byte_is_not() {
        let (latin, _, _) = encoding_rs::WINDOWS_1252.encode("Besançon;Nîmes;Orléans;Düsseldorf;Malmö;São Paulo");
        assert_eq!(guess(&latin), encoding_rs::WINDOWS_1252);
        let mut mixed = "äöüäöüäöüäöüäöü".as_bytes().to_vec();
        mixed.push(0xE9);
        assert_eq!(guess(&mixed), UTF_8);
    }

    #[test]
    fn pictures_and_archives_are_named() {
        for (bytes, word) in [(&b"\x89PNG\r\n"[..], "picture"), (b"PK\x03\x04", "ZIP"), (b"a\0b", "NUL")] {
            assert!(refuse_binary(bytes).unwrap_err().message.contains(word));
        }
        assert!(refuse_binary(b"a,b\n1,2\n").is_ok());
        assert!(refuse_binary(&[0xFF, 0xFE, b'a', 0]).is_ok(), "UTF-16 has NUL bytes");
    }

    #[test]
    fn a_character_across_two_chunks_is_whole() {
        assert_eq!(valid_length("aé".as_bytes(), true), Ok(3));
        assert_eq!(valid_length(&"aé".as_bytes()[..2], false), Ok(1));
        assert_eq!(valid_length(&"aé".as_bytes()[..2], true), Err(()));
        assert_eq!(valid_length(b"a\xFFb", false), Err(()));
    }
}
