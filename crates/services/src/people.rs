//! Users, sessions, tokens, and the first administrator.

use crate::access::{require_admin, require_scope};
use crate::sign_in::{SignInFrom, check_user_name};
use crate::{NewSession, Services, clock, new_id, secrets};
use domain::api::{NewToken, TokenRequest, UserPatch};
use domain::people::{Scope, Session, Token, User};
use domain::{Caller, Error, ErrorCode, Result, UserRole};
use store::{TokenRow, UserRow};

const SETUP: &str = "setup";
const DAY_MS: i64 = 24 * 3_600_000;

impl Services {
    /// Makes a user, without asking for a right: for the command line and the first start.
    ///
    /// # Errors
    /// A name that is taken or not fit, a password that is too short.
    pub async fn add_user(&self, name: &str, role: UserRole, password: Option<&str>) -> Result<User> {
        let name = name.trim();
        check_user_name(name)?;
        let password_hash = match password {
            Some(password) => Some(secrets::hash_password(password).await?),
            None => None,
        };
        let row = UserRow {
            id: new_id(),
            name: name.to_owned(),
            role,
            password_hash,
            is_active: true,
            created_at: clock::now_ms(),
            last_seen_at: None,
            default_dashboard_id: None,
            email: None,
            attributes_json: "{}".into(),
        };
        self.store.insert_user(&row).await?;
        self.record_as(None, "create_user", "user", &row.id, "done").await;
        Ok(user(row))
    }

    /// Makes a user, as an administrator.
    ///
    /// # Errors
    /// See [`Services::add_user`]; the caller is no administrator.
    pub async fn create_user(&self, caller: &Caller, name: &str, role: UserRole, password: &str) -> Result<User> {
        require_admin(caller)?;
        self.add_user(name, role, Some(password)).await
    }

    /// Every user. Creators see them too, to share with them.
    ///
    /// # Errors
    /// The caller may not share anything.
    pub async fn list_users(&self, caller: &Caller) -> Result<Vec<User>> {
        crate::access::require_role(caller, UserRole::Creator, "see the list of users")?;
        Ok(self.store.users().await?.into_iter().map(user).collect())
    }

    /// Every user, for the command line.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn all_users(&self) -> Result<Vec<User>> {
        Ok(self.store.users().await?.into_iter().map(user).collect())
    }

    /// Changes a user's role, state or password, as an administrator.
    ///
    /// # Errors
    /// The last administrator would be lost.
    pub async fn update_user(&self, caller: &Caller, id: &str, patch: UserPatch) -> Result<User> {
        require_admin(caller)?;
        let row = self.store.user(id).await?.ok_or_else(|| Error::not_found("user"))?;
        let role = patch.role.unwrap_or(row.role);
        let active = patch.is_active.unwrap_or(row.is_active);
        let loses_admin = row.role == UserRole::Admin && row.is_active && (role != UserRole::Admin || !active);
        if loses_admin && self.active_admins().await? <= 1 {
            return Err(Error::new(ErrorCode::RuleRefused, "This is the last administrator.")
                .hint("Make somebody else an administrator first."));
        }
        if let Some(password) = &patch.password {
            self.store.update_user_password(id, Some(&secrets::hash_password(password).await?)).await?;
        }
        self.store.update_user_role(id, role).await?;
        self.store.update_user_active(id, active).await?;
        if patch.password.is_some() {
            // They need no invitation any more.
            self.store.delete_invitation(id).await?;
        }
        if !active || patch.password.is_some() {
            self.end_sessions(id, None).await?;
        }
        self.forget_callers();
        self.hub.publish(&crate::rights_topic(id), serde_json::Value::Null, false);
        self.record(caller, "update_user", "user", id).await;
        Ok(User { role, is_active: active, ..user(row) })
    }

    pub(crate) async fn active_admins(&self) -> Result<usize> {
        let users = self.store.users().await?;
        Ok(users.iter().filter(|u| u.role == UserRole::Admin && u.is_active).count())
    }

    /// Sets a password without the old one: for the command line.
    ///
    /// # Errors
    /// No such user, or a password that is too short.
    pub async fn set_password(&self, name: &str, password: &str) -> Result<()> {
        let row = self.store.user_by_name(name).await?.ok_or_else(|| Error::not_found("user"))?;
        self.store.update_user_password(&row.id, Some(&secrets::hash_password(password).await?)).await?;
        self.store.delete_invitation(&row.id).await?;
        self.end_sessions(&row.id, None).await?;
        Ok(())
    }

    /// Changes the caller's own password and ends their other sessions.
    ///
    /// # Errors
    /// The old password is wrong, the new one too short.
    pub async fn change_password(&self, caller: &Caller, old: &str, new: &str) -> Result<()> {
        require_scope(caller, Scope::Admin)?;
        let row = self.check_own_password(caller, old).await.map_err(|error| error.field("old"))?;
        self.store.update_user_password(&row.id, Some(&secrets::hash_password(new).await?)).await?;
        self.end_sessions(&row.id, Some(&caller.credential_id)).await?;
        self.record(caller, "change_password", "user", &row.id).await;
        Ok(())
    }

    /// The caller's sessions, latest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_sessions(&self, caller: &Caller) -> Result<Vec<Session>> {
        let rows = self.store.sessions_of(&caller.user_id).await?;
        let session = |r: store::SessionRow| Session {
            is_current: r.id == caller.credential_id,
            id: r.id,
            agent: r.agent,
            address: r.address,
            last_address: r.last_address,
            created_at: clock::rfc3339(r.created_at),
            last_seen_at: clock::rfc3339(r.last_seen_at),
        };
        Ok(rows.into_iter().map(session).collect())
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// There is no such session.
    pub async fn revoke_session(&self, caller: &Caller, id: &str) -> Result<()> {
        require_scope(caller, Scope::Admin)?;
        if !self.store.delete_session(&caller.user_id, id).await? {
            return Err(Error::not_found("session"));
        }
        self.forget_callers();
        self.record(caller, "revoke_session", "session", id).await;
        Ok(())
    }

    /// The caller's tokens, without their secrets.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_tokens(&self, caller: &Caller) -> Result<Vec<Token>> {
        Ok(self.store.tokens_of(&caller.user_id).await?.into_iter().map(token).collect())
    }

    /// Makes a token of the caller. A token cannot make one that may do more.
    ///
    /// # Errors
    /// A bad label or time.
    pub async fn create_token(&self, caller: &Caller, request: &TokenRequest) -> Result<NewToken> {
        require_scope(caller, Scope::Admin)?;
        let (label, days) = (request.label.trim(), request.expires_in_days);
        if label.is_empty() || label.chars().count() > 100 {
            return Err(Error::invalid("Give the token a label of 1 to 100 characters.").field("label"));
        }
        if days.is_some_and(|d| d == 0 || d > 3_650) {
            return Err(Error::invalid("A token lasts 1 to 3,650 days.").field("expires_in_days"));
        }
        let lasts_ms = days.map(|d| i64::from(d) * DAY_MS);
        let made = self.insert_token(&caller.user_id, label, request.scope, lasts_ms).await?;
        self.record(caller, "create_token", "token", &made.token.id).await;
        Ok(made)
    }

    /// Makes a token of a user: for the command line.
    ///
    /// # Errors
    /// No such user.
    pub async fn add_token(&self, user: &str, label: &str, scope: Scope, lasts_ms: Option<i64>) -> Result<NewToken> {
        let row = self.store.user_by_name(user).await?.ok_or_else(|| Error::not_found("user"))?;
        self.insert_token(&row.id, label, scope, lasts_ms).await
    }

    async fn insert_token(&self, user_id: &str, label: &str, scope: Scope, lasts_ms: Option<i64>) -> Result<NewToken> {
        let (now, id) = (clock::now_ms(), new_id());
        let secret = format!("orr_{}", secrets::random_secret());
        let row = TokenRow {
            id,
            user_id: user_id.to_owned(),
            label: label.to_owned(),
            secret_hash: secrets::fingerprint(&secret),
            scope,
            created_at: now,
            expires_at: lasts_ms.map(|ms| now + ms),
            last_used_at: None,
        };
        self.store.insert_token(&row).await?;
        Ok(NewToken { secret, token: token(row) })
    }

    /// Ends one of the caller's tokens.
    ///
    /// # Errors
    /// There is no such token.
    pub async fn revoke_token(&self, caller: &Caller, id: &str) -> Result<()> {
        require_scope(caller, Scope::Admin)?;
        if !self.store.delete_token(&caller.user_id, id).await? {
            return Err(Error::not_found("token"));
        }
        self.forget_callers();
        self.record(caller, "revoke_token", "token", id).await;
        Ok(())
    }

    /// A one-time secret for making the first administrator, when there is no user yet.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn setup_secret(&self) -> Result<Option<String>> {
        if self.store.count_users().await? > 0 {
            return Ok(None);
        }
        let secret = secrets::random_secret();
        let until = clock::now_ms() + DAY_MS;
        self.store.insert_link(&secrets::fingerprint(&secret), SETUP, None, until).await?;
        Ok(Some(secret))
    }

    /// Makes the first administrator with the one-time secret, and signs them in.
    ///
    /// # Errors
    /// The secret is used, wrong or too old, or a user exists already.
    pub async fn complete_setup(
        &self,
        secret: &str,
        name: &str,
        password: &str,
        from: &SignInFrom,
    ) -> Result<NewSession> {
        let gone = || {
            Error::new(ErrorCode::Gone, "This link has been used or is too old.")
                .hint("Restart the server: while it has no users it prints a fresh one.")
        };
        if self.store.count_users().await? > 0 {
            return Err(gone());
        }
        // The account is checked first, so that a short password does not use the link up.
        secrets::hash_password(password).await?;
        let hash = secrets::fingerprint(secret);
        self.store.take_link(&hash, SETUP, clock::now_ms()).await?.ok_or_else(gone)?;
        let made = match self.add_user(name, UserRole::Admin, Some(password)).await {
            Ok(user) => user,
            Err(error) => {
                self.store.insert_link(&hash, SETUP, None, clock::now_ms() + DAY_MS).await?;
                return Err(error);
            }
        };
        let row = self.store.user(&made.id).await?.ok_or_else(Error::internal)?;
        if !self.settings.sign_in.password {
            // Nobody else may use a password: this is the way in when the provider cannot be reached.
            self.set_break_glass(Some(&row.name)).await?;
        }
        self.open_session(&row, from).await
    }
}

fn user(row: UserRow) -> User {
    User {
        id: row.id,
        name: row.name,
        role: row.role,
        is_active: row.is_active,
        created_at: clock::rfc3339(row.created_at),
        last_seen_at: row.last_seen_at.map(clock::rfc3339),
    }
}

fn token(row: TokenRow) -> Token {
    Token {
        id: row.id,
        label: row.label,
        scope: row.scope,
        created_at: clock::rfc3339(row.created_at),
        expires_at: row.expires_at.map(clock::rfc3339),
        last_used_at: row.last_used_at.map(clock::rfc3339),
    }
}
