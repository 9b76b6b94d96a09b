//! Random secrets, their fingerprints, and passwords.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Error, Result};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Hashing takes 19 MiB and a core; two at a time keep a sign-in storm from starving the rest.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// 256 random bits, as text that is safe in cookies and addresses.
pub(crate) fn random_secret() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is stored of a secret: SHA-256, in hex. The secrets are random, so no salt is needed.
pub(crate) fn fingerprint(secret: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(secret.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Hashes a password with argon2id (RFC 9106), off the async threads.
///
/// # Errors
/// The password is too short or too long.
pub(crate) async fn hash_password(password: &str) -> Result<String> {
    if password.chars().count() < 10 {
        return Err(Error::invalid("A password needs at least 10 characters.").field("password"));
    }
    if password.len() > 1_000 {
        return Err(Error::invalid("A password can have at most 1,000 bytes.").field("password"));
    }
    let password = password.to_owned();
    blocking(move || match Argon2::default().hash_password(password.as_bytes()) {
        Ok(hash) => Ok(hash.to_string()),
        Err(cause) => {
            tracing::error!(%cause, "hashing a password");
            Err(Error::internal())
        }
    })
    .await
}

/// Whether a password fits a hash. Without a hash it takes as long and the answer is no, so that
/// the time does not tell whether a name exists.
pub(crate) async fn verify_password(password: &str, hash: Option<&str>) -> Result<bool> {
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$b3JyZXJ5LW5vYm9keQ$JtDJ6iXr5H1kUxkKX7F3hVv0tFqL7r0k9nYwq8cWb1s";
    let (password, hash, known) = (password.to_owned(), hash.unwrap_or(NOBODY).to_owned(), hash.is_some());
    blocking(move || {
        let fits = PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        Ok(fits && known)
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let _turn = HASHING.acquire().await.map_err(|_| Error::internal())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::internal())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let hash = hash_password("correct horse").await.unwrap();
        assert!(verify_password("correct horse", Some(&hash)).await.unwrap());
        assert!(!verify_password("correct horsf", Some(&hash)).await.unwrap());
        assert!(!verify_password("correct horse", None).await.unwrap());
        assert!(hash_password("short").await.is_err());
    }

    #[test]
    fn secrets_differ_and_have_fingerprints() {
        assert_ne!(random_secret(), random_secret());
        assert_eq!(fingerprint("a").len(), 64);
    }
}
