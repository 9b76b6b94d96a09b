//! Signing in and out, and turning a cookie or a token into a caller.

use crate::view_as::Place;
use crate::{Inner, Services, SignInFrom, clock, from_json, new_id, secrets};
use domain::people::Scope;
use domain::{Caller, Result};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use store::{SessionRow, UserRow};

/// A session ends after so long without use, and in any case after [`SESSION_MAX_MS`].
const SESSION_IDLE_MS: i64 = 14 * 24 * 3_600_000;
const SESSION_MAX_MS: i64 = 90 * 24 * 3_600_000;
/// How long a caller is believed without asking the store again; a revocation clears at once.
const CACHE_MS: i64 = 30_000;
const CACHE_MAX: usize = 10_000;

/// A fresh session: the secret goes into the cookie and is kept nowhere.
pub struct NewSession {
    pub secret: String,
    pub caller: Caller,
    /// Seconds until it ends.
    pub max_age: i64,
    /// For the cookie by which this device is known again.
    pub device: String,
}

/// Callers seen lately, by fingerprint of their secret, with where a session was seen last.
#[derive(Default)]
pub(crate) struct Credentials {
    callers: RwLock<HashMap<String, (Caller, i64)>>,
}

impl Credentials {
    fn get(&self, hash: &str, now: i64) -> Option<Caller> {
        let callers = self.callers.read().unwrap_or_else(PoisonError::into_inner);
        callers.get(hash).filter(|(_, until)| *until > now).map(|(caller, _)| caller.clone())
    }

    fn put(&self, hash: String, caller: Caller, until: i64) {
        let mut callers = self.callers.write().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= CACHE_MAX {
            callers.clear();
        }
        callers.insert(hash, (caller, until));
    }

    /// Forgets everyone: called whenever a right, a session or a token changes.
    pub(crate) fn clear(&self) {
        self.callers.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Services {
    /// A session for a user who has proved who they are.
    pub(crate) async fn open_session(&self, user: &UserRow, from: &SignInFrom) -> Result<NewSession> {
        let now = clock::now_ms();
        let secret = secrets::random_secret();
        let row = SessionRow {
            id: new_id(),
            user_id: user.id.clone(),
            secret_hash: secrets::fingerprint(&secret),
            agent: from.agent.chars().take(200).collect(),
            address: from.address.clone(),
            last_address: from.address.clone(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + SESSION_MAX_MS,
        };
        self.store.insert_session(&row).await?;
        self.store.delete_expired_sessions(now).await?;
        let caller = self.caller_of(user, Scope::Admin, &row.id).await?;
        self.record(&caller, "sign_in", "session", &row.id).await;
        let device = self.device_cookie(from.device.as_deref(), &user.id)?;
        Ok(NewSession { secret, caller, max_age: SESSION_MAX_MS / 1000, device })
    }

    /// The caller behind a session cookie, if it is still good. `address` is where it was sent from.
    pub async fn caller_from_session(&self, secret: &str, address: &str) -> Option<Caller> {
        let (now, hash) = (clock::now_ms(), secrets::fingerprint(secret));
        // The address is part of what is remembered: from another one the session is looked at anew.
        let remembered = format!("{hash}|{address}");
        if let Some(caller) = self.credentials.get(&remembered, now) {
            return Some(caller);
        }
        let (session, user) = self.store.session_by_hash(&hash).await.ok()??;
        if !user.is_active || session.expires_at <= now || now - session.last_seen_at > SESSION_IDLE_MS {
            return None;
        }
        // A failed touch only makes the session look older than it is.
        let _ = self.store.touch_session(&session.id, now, session.expires_at).await;
        let _ = self.store.touch_user(&user.id, now).await;
        if session.last_address != address {
            let _ = self.store.place_session(&session.id, address).await;
        }
        let caller = self.caller_of(&user, Scope::Admin, &session.id).await.ok()?;
        self.credentials.put(remembered, caller.clone(), session.expires_at.min(now + CACHE_MS));
        Some(caller)
    }

    /// The caller behind an API token, if it is still good.
    pub async fn caller_from_token(&self, secret: &str) -> Option<Caller> {
        let (now, hash) = (clock::now_ms(), secrets::fingerprint(secret));
        if let Some(caller) = self.credentials.get(&hash, now) {
            return Some(caller);
        }
        let (token, user) = self.store.token_by_hash(&hash).await.ok()??;
        let ends = token.expires_at.unwrap_or(i64::MAX);
        if !user.is_active || ends <= now {
            return None;
        }
        let _ = self.store.touch_token(&token.id, now).await;
        let caller = self.caller_of(&user, token.scope, &token.id).await.ok()?;
        self.credentials.put(hash, caller.clone(), ends.min(now + CACHE_MS));
        Some(caller)
    }

    /// Ends the caller's own session.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn sign_out(&self, caller: &Caller) -> Result<()> {
        self.store.delete_session(&caller.user_id, &caller.credential_id).await?;
        self.forget_callers();
        self.record(caller, "sign_out", "session", &caller.credential_id).await;
        Ok(())
    }

    /// Whether a socket or a long job may go on: the credential still stands.
    pub async fn still_signed_in(&self, caller: &Caller) -> bool {
        if let Some(stands) = self.link_stands(caller).await {
            return stands;
        }
        if caller.scope == Scope::Screen {
            return self.screen_stands(caller).await;
        }
        if let Some(place) = Place::of(caller) {
            return self.place_stands(&place, caller).await;
        }
        let user = self.store.user(&caller.user_id).await.ok().flatten();
        user.is_some_and(|u| u.is_active && u.role == caller.role)
            && self.credential_stands(caller).await.unwrap_or(false)
    }

    pub(crate) async fn credential_stands(&self, caller: &Caller) -> Result<bool> {
        let (user, id) = (&caller.user_id, &caller.credential_id);
        let now = clock::now_ms();
        let sessions = self.store.sessions_of(user).await?;
        let holds = |ends: Option<i64>| ends.is_none_or(|at| at > now);
        Ok(sessions.iter().any(|s| s.id == *id && holds(Some(s.expires_at)))
            || self.store.tokens_of(user).await?.iter().any(|t| t.id == *id && holds(t.expires_at)))
    }
}

impl Inner {
    /// A user as a caller, with the groups and attributes that they have now.
    pub(crate) async fn caller_of(&self, user: &UserRow, scope: Scope, credential_id: &str) -> Result<Caller> {
        Ok(Caller {
            user_id: user.id.clone(),
            name: user.name.clone(),
            role: user.role,
            scope,
            credential_id: credential_id.to_owned(),
            groups: self.store.groups_of(&user.id).await?,
            attributes: from_json(&user.attributes_json),
            on_behalf: None,
            locked: Vec::new(),
        })
    }
}
