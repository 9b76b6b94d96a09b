//! Passwords of sources, encrypted where they are kept: AES-256-GCM under a key that is a setting, or
//! else a file of the data directory that nobody but its owner reads. Each text says by the id of its
//! key which key opens it, so that keys can be changed one after the other.

use crate::secrets::random_secret;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use domain::{Error, ErrorCode, Result};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// The file that holds the key where none is set.
const FILE: &str = "secret.key";
/// The fewest characters of a key that is set by hand.
const SHORTEST: usize = 32;
const NONCE: usize = 12;

/// Encrypts under the first key and reads under all.
pub(crate) struct Vault {
    keys: Vec<(String, Aes256Gcm)>,
    /// What others secrets are made from: of the last key, which stays when a new one is put before it.
    root: [u8; 32],
}

impl Vault {
    /// The keys of the setting, with commas between them: the first one encrypts, the others only
    /// read. Without a setting, the key of the data directory, which is made when it is not there.
    pub(crate) fn open(setting: Option<&str>, data_dir: &Path) -> Result<Self> {
        let text = match setting.map(str::trim).filter(|t| !t.is_empty()) {
            Some(text) => text.to_owned(),
            None => kept(data_dir)?,
        };
        let keys: Vec<&str> = text.split(',').map(str::trim).filter(|k| !k.is_empty()).collect();
        if keys.is_empty() || keys.iter().any(|k| k.chars().count() < SHORTEST) {
            return Err(Error::invalid(format!("A key of ORRERY_SECRET_KEY has at least {SHORTEST} characters."))
                .hint("Make one with `openssl rand -base64 32`."));
        }
        let last = keys.last().copied().unwrap_or_default();
        let root = Sha256::digest([b"orrery derived secrets\0".as_slice(), last.as_bytes()].concat()).into();
        Ok(Self { keys: keys.into_iter().map(key).collect(), root })
    }

    /// A secret for a purpose, always the same, from which nothing else can be told.
    pub(crate) fn derived(&self, purpose: &str) -> String {
        let inner = Sha256::digest([self.root.as_slice(), purpose.as_bytes()].concat());
        let outer = Sha256::digest([self.root.as_slice(), &inner].concat());
        outer.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The secret of a thing, for keeping. It opens for no other thing.
    pub(crate) fn seal(&self, secret: &str, thing: &str) -> Result<String> {
        let (id, cipher) = self.keys.first().ok_or_else(Error::internal)?;
        let mut nonce = [0_u8; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: secret.as_bytes(), aad: thing.as_bytes() };
        let sealed = cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| Error::internal())?;
        Ok(format!("{id}.{}", STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// The same for what comes from outside: where it cannot be read, it is not ours.
    pub(crate) fn try_unseal(&self, sealed: &str, thing: &str) -> Option<String> {
        let (id, text) = sealed.split_once('.')?;
        let cipher = &self.keys.iter().find(|(known, _)| known == id)?.1;
        let bytes = STANDARD_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let payload = Payload { msg: sealed, aad: thing.as_bytes() };
        String::from_utf8(cipher.decrypt(&Nonce::from(nonce), payload).ok()?).ok()
    }

    /// The secret of a thing as it was.
    pub(crate) fn unseal(&self, sealed: &str, thing: &str) -> Result<String> {
        self.try_unseal(sealed, thing).ok_or_else(|| {
            tracing::error!(
                thing,
                "a secret cannot be decrypted: is ORRERY_SECRET_KEY the key it was encrypted under?"
            );
            Error::new(ErrorCode::SourceUnavailable, "The password of this source cannot be read any more.")
                .hint("An administrator can give it anew, or bring the former ORRERY_SECRET_KEY back.")
        })
    }
}

fn key(text: &str) -> (String, Aes256Gcm) {
    let bytes: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let id = Sha256::digest(bytes).iter().take(4).map(|b| format!("{b:02x}")).collect();
    (id, Aes256Gcm::new(&Key::<Aes256Gcm>::from(bytes)))
}

/// The key of the data directory.
fn kept(data_dir: &Path) -> Result<String> {
    let path = data_dir.join(FILE);
    let fail = |cause: std::io::Error| {
        tracing::error!(%cause, path = %path.display(), "the key for passwords cannot be kept");
        Error::invalid("The key for passwords of sources cannot be kept in the data directory.")
            .hint("Set ORRERY_SECRET_KEY, or let the server write there.")
    };
    if !path.exists() {
        // Written beside and linked into place: another process never finds half a key.
        let draft = data_dir.join(format!("{FILE}.{}", crate::new_id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&draft).and_then(|mut file| {
            file.write_all(random_secret().as_bytes())?;
            file.sync_all()
        });
        let linked = written.and_then(|()| match fs::hard_link(&draft, &path) {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
            _ => Ok(()),
        });
        let _ = fs::remove_file(&draft);
        linked.map_err(fail)?;
    }
    fs::read_to_string(&path).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old key that is really long enough";
    const NEW: &str = "a new key that is long enough as well";

    fn vault(setting: &str) -> Vault {
        Vault::open(Some(setting), Path::new("/nowhere")).unwrap()
    }

    #[test]
    fn what_goes_in_comes_out_and_nothing_else_does() {
        let vault = vault(NEW);
        for secret in ["", "pa55 wörd", &"x".repeat(10_000)] {
            let sealed = vault.seal(secret, "source:1").unwrap();
            assert_eq!(vault.unseal(&sealed, "source:1").unwrap(), secret);
            assert!(secret.is_empty() || !sealed.contains(secret));
            assert_ne!(vault.seal(secret, "source:1").unwrap(), sealed, "never the same twice");
            assert!(vault.unseal(&sealed, "source:2").is_err(), "it belongs to one thing");
        }
    }

    #[test]
    fn tampering_is_noticed() {
        let vault = vault(NEW);
        let sealed = vault.seal("secret", "t").unwrap();
        let (id, text) = sealed.split_once('.').unwrap();
        let bytes = STANDARD_NO_PAD.decode(text).unwrap();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            let changed = format!("{id}.{}", STANDARD_NO_PAD.encode(&bytes));
            let error = vault.unseal(&changed, "t").unwrap_err();
            assert!(!format!("{error:?}").contains("secret\""));
        }
        for bad in ["", ".", id, &format!("{id}."), &format!("00000000.{text}"), &sealed[..sealed.len() - 3]] {
            assert!(vault.unseal(bad, "t").is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_can_be_changed() {
        let sealed = vault(OLD).seal("secret", "t").unwrap();
        assert!(vault(NEW).unseal(&sealed, "t").is_err());
        let both = vault(&format!("{NEW}, {OLD}"));
        assert_eq!(both.unseal(&sealed, "t").unwrap(), "secret");
        let again = both.seal("secret", "t").unwrap();
        assert_eq!(vault(NEW).unseal(&again, "t").unwrap(), "secret");
        assert!(Vault::open(Some("short"), Path::new("/nowhere")).is_err());
    }

    #[test]
    fn the_key_is_made_once_and_is_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let sealed = Vault::open(None, dir.path()).unwrap().seal("secret", "t").unwrap();
        assert_eq!(Vault::open(Some(" "), dir.path()).unwrap().unseal(&sealed, "t").unwrap(), "secret");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
