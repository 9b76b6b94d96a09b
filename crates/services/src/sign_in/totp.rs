//! The second factor: codes of an app that change every 30 seconds (RFC 6238), and recovery codes for
//! when the phone is gone. Every code works once.

use crate::access::{require_admin, require_scope};
use crate::{Services, clock, secrets};
use domain::account::{RecoveryCodes, TotpSetup, TotpState};
use domain::people::Scope;
use domain::{Caller, Error, ErrorCode, Result};
use qrcode::QrCode;
use qrcode::render::svg;
use rand::RngCore;
use store::UserRow;
use totp_rs::{Algorithm, TOTP};

/// Seconds that a code is valid; the one before and the one after it are taken too.
const STEP: i64 = 30;
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
/// Without letters and digits that look like others.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Five bits each: 80 bits, which nobody guesses, so that a plain hash is enough.
const LETTERS_OF_A_CODE: usize = 16;

impl Services {
    /// Begins the caller's second factor anew; it is asked for once a code of it was right.
    ///
    /// # Errors
    /// The password is wrong, or a second factor is in use.
    pub async fn set_up_totp(&self, caller: &Caller, password: &str) -> Result<TotpSetup> {
        require_scope(caller, Scope::Admin)?;
        let user = self.check_own_password(caller, password).await?;
        if self.has_totp(&user.id).await? {
            return Err(Error::new(ErrorCode::Conflict, "Two-step sign-in is on already.")
                .hint("Turn it off first, or have it reset by an administrator."));
        }
        self.begin_totp(&user).await
    }

    /// Turns the caller's second factor on with a code of it.
    ///
    /// # Errors
    /// The code is wrong, or none was begun.
    pub async fn turn_totp_on(&self, caller: &Caller, code: &str) -> Result<RecoveryCodes> {
        require_scope(caller, Scope::Admin)?;
        let now = clock::now_ms();
        let keys = [(super::Tried::OwnPassword, caller.user_id.clone())];
        self.budget.begin(&keys, now)?;
        let wrong = || {
            Error::new(ErrorCode::RuleRefused, "This code is wrong.")
                .hint("Type the six digits that the app shows now.")
                .field("code")
        };
        let codes = self.finish_totp(&caller.user_id, code, now).await?.ok_or_else(wrong)?;
        self.budget.right(&keys);
        self.record(caller, "turn_totp_on", "user", &caller.user_id).await;
        Ok(RecoveryCodes { codes })
    }

    /// Turns the caller's second factor off.
    ///
    /// # Errors
    /// The password is wrong, or it is required of them.
    pub async fn turn_totp_off(&self, caller: &Caller, password: &str) -> Result<()> {
        require_scope(caller, Scope::Admin)?;
        if self.must_have_totp(caller.role) {
            return Err(Error::new(ErrorCode::RuleRefused, "Two-step sign-in is required here, so it stays on.")
                .hint("With another phone: an administrator resets it, and you set it up at your next sign-in."));
        }
        self.check_own_password(caller, password).await?;
        self.store.delete_totp(&caller.user_id).await?;
        self.record(caller, "turn_totp_off", "user", &caller.user_id).await;
        self.tell_owner(&caller.user_id, "Two-step sign-in was turned off", "Two-step sign-in was turned off.");
        Ok(())
    }

    /// Makes fresh recovery codes; the former ones work no longer.
    ///
    /// # Errors
    /// The password is wrong, or there is no second factor.
    pub async fn renew_recovery_codes(&self, caller: &Caller, password: &str) -> Result<RecoveryCodes> {
        require_scope(caller, Scope::Admin)?;
        self.check_own_password(caller, password).await?;
        if !self.has_totp(&caller.user_id).await? {
            return Err(Error::new(ErrorCode::RuleRefused, "Two-step sign-in is off.").hint("Turn it on first."));
        }
        let codes = self.make_recovery_codes(&caller.user_id).await?;
        self.record(caller, "renew_recovery_codes", "user", &caller.user_id).await;
        Ok(RecoveryCodes { codes })
    }

    /// Takes somebody's second factor away, as an administrator: they have lost their phone.
    ///
    /// # Errors
    /// There is no such user, or they have none.
    pub async fn reset_totp(&self, caller: &Caller, user_id: &str) -> Result<()> {
        require_admin(caller)?;
        let user = self.store.user(user_id).await?.ok_or_else(|| Error::not_found("user"))?;
        if !self.store.delete_totp(&user.id).await? {
            return Err(Error::new(ErrorCode::RuleRefused, "This user has no two-step sign-in."));
        }
        self.end_sessions(&user.id, (user.id == caller.user_id).then_some(caller.credential_id.as_str())).await?;
        self.record(caller, "reset_totp", "user", &user.id).await;
        self.tell_owner(&user.id, "Two-step sign-in was reset", "An administrator has reset your two-step sign-in.");
        Ok(())
    }

    /// How it stands with a user's second factor.
    pub(super) async fn totp_state(&self, user: &UserRow) -> Result<TotpState> {
        let left = self.store.count_recovery_codes(&user.id).await?;
        Ok(TotpState {
            is_on: self.has_totp(&user.id).await?,
            is_required: self.must_have_totp(user.role),
            recovery_codes_left: u32::try_from(left).unwrap_or_default(),
        })
    }

    async fn has_totp(&self, user_id: &str) -> Result<bool> {
        Ok(self.store.totp(user_id).await?.is_some_and(|totp| totp.confirmed_at.is_some()))
    }

    /// A fresh secret that is not asked for yet.
    pub(super) async fn begin_totp(&self, user: &UserRow) -> Result<TotpSetup> {
        let mut secret = [0_u8; SECRET_BYTES];
        rand::rng().fill_bytes(&mut secret);
        let totp = totp_of(secret.to_vec(), &user.name)?;
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        self.store.put_totp(&user.id, &self.vault.seal(&hex, &thing(&user.id))?).await?;
        setup(&totp)
    }

    /// The secret that was begun and not confirmed, once more.
    pub(super) async fn begun_totp(&self, user: &UserRow) -> Result<Option<TotpSetup>> {
        match self.store.totp(&user.id).await? {
            Some(row) if row.confirmed_at.is_none() => {
                let totp = totp_of(self.secret_of(&user.id, &row.sealed)?, &user.name)?;
                setup(&totp).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Confirms a secret with a code of it: from now on it is asked for. Answers the recovery codes;
    /// `None` when the code is wrong.
    pub(super) async fn finish_totp(&self, user_id: &str, code: &str, now: i64) -> Result<Option<Vec<String>>> {
        let begun = self.store.totp(user_id).await?.filter(|totp| totp.confirmed_at.is_none());
        if begun.is_none() {
            return Err(Error::new(ErrorCode::Conflict, "Nothing was begun that a code could confirm.")
                .hint("Begin setting two-step sign-in up again."));
        }
        if !self.check_totp(user_id, code, now).await? {
            return Ok(None);
        }
        let codes = self.make_recovery_codes(user_id).await?;
        self.store.confirm_totp(user_id, now).await?;
        Ok(Some(codes))
    }

    /// Whether a code is right, of the app or for recovery. It is used up by that.
    pub(super) async fn check_code(&self, user_id: &str, code: &str, now: i64) -> Result<bool> {
        if self.check_totp(user_id, code, now).await? {
            return Ok(true);
        }
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(LETTERS_OF_A_CODE + 1).collect();
        self.store.take_recovery_code(user_id, &hash(user_id, &code.to_ascii_lowercase())).await
    }

    async fn check_totp(&self, user_id: &str, code: &str, now: i64) -> Result<bool> {
        let Some(row) = self.store.totp(user_id).await? else { return Ok(false) };
        let totp = totp_of(self.secret_of(user_id, &row.sealed)?, "")?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).take(7).collect();
        let step = now.div_euclid(1_000).div_euclid(STEP);
        let right = (step - 1..=step + 1).find(|step| {
            let time = u64::try_from(step * STEP).unwrap_or_default();
            same(&totp.generate(time), &code)
        });
        match right {
            Some(step) => self.store.take_totp_step(user_id, step).await,
            None => Ok(false),
        }
    }

    fn secret_of(&self, user_id: &str, sealed: &str) -> Result<Vec<u8>> {
        let lost = || {
            Error::new(ErrorCode::SourceUnavailable, "The second factor of this account cannot be read any more.")
                .hint("An administrator can reset it, or bring the former ORRERY_SECRET_KEY back.")
        };
        let hex = self.vault.try_unseal(sealed, &thing(user_id)).ok_or_else(lost)?;
        let byte = |at: usize| hex.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
        (0..SECRET_BYTES).map(|at| byte(at * 2)).collect::<Option<Vec<u8>>>().ok_or_else(lost)
    }

    async fn make_recovery_codes(&self, user_id: &str) -> Result<Vec<String>> {
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
        let hashes: Vec<String> = codes.iter().map(|code| hash(user_id, &code.replace('-', ""))).collect();
        self.store.replace_recovery_codes(user_id, &hashes).await?;
        Ok(codes)
    }
}

fn thing(user_id: &str) -> String {
    format!("totp:{user_id}")
}

fn hash(user_id: &str, code: &str) -> String {
    secrets::fingerprint(&format!("{user_id}:{code}"))
}

/// Four groups of four letters.
fn recovery_code() -> String {
    let mut bytes = [0_u8; LETTERS_OF_A_CODE];
    rand::rng().fill_bytes(&mut bytes);
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// As long for a wrong code as for a right one.
fn same(right: &str, given: &str) -> bool {
    right.len() == given.len() && right.bytes().zip(given.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) == 0
}

fn totp_of(secret: Vec<u8>, name: &str) -> Result<TOTP> {
    let step = STEP.unsigned_abs();
    TOTP::new(Algorithm::SHA1, 6, 1, step, secret, Some("Orrery".to_owned()), name.to_owned()).map_err(|cause| {
        tracing::error!(%cause, "making a second factor");
        Error::internal()
    })
}

fn setup(totp: &TOTP) -> Result<TotpSetup> {
    let address = totp.get_url();
    let code = QrCode::new(address.as_bytes()).map_err(|cause| {
        tracing::error!(%cause, "drawing a QR code");
        Error::internal()
    })?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    // Without the XML declaration, which has no place inside a page.
    let qr = drawn.find("<svg").map_or("", |at| &drawn[at..]);
    let qr = qr.replacen("<svg ", "<svg role=\"img\" aria-label=\"QR code for the app\" ", 1);
    Ok(TotpSetup { secret: totp.get_secret_base32(), address, qr })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_codes_are_long_and_differ() {
        let (one, other) = (recovery_code(), recovery_code());
        assert_ne!(one, other);
        assert_eq!(one.len(), LETTERS_OF_A_CODE + 3);
        assert_ne!(hash("a", &one), hash("b", &one), "they belong to one person");
    }

    #[test]
    fn the_picture_is_an_svg_without_a_script() {
        let setup = setup(&totp_of(vec![7; SECRET_BYTES], "ada").unwrap()).unwrap();
        assert!(setup.qr.starts_with("<svg role=\"img\"") && setup.qr.ends_with("</svg>"));
        assert!(setup.address.starts_with("otpauth://totp/Orrery:ada?secret="), "{}", setup.address);
        assert!(!setup.qr.contains("script") && !setup.qr.contains("<?xml"));
    }
}
