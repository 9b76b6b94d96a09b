//! A person's own account, and how people come in: profile, second factor, invitations.

use crate::people::UserRole;
use serde::{Deserialize, Serialize};

/// The caller's own account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AccountProfile))]
pub struct Profile {
    /// The name they sign in with.
    pub name: String,
    pub full_name: String,
    pub email: Option<String>,
    /// Whether whoever reads that address has confirmed it.
    pub is_email_verified: bool,
    /// The address that a mail went to and that waits for its confirmation.
    pub pending_email: Option<String>,
    /// Whether this server can mail a link: without that, an address cannot be changed.
    pub can_mail: bool,
    pub has_password: bool,
    /// Whether passwords are taken at all.
    pub password_sign_in: bool,
    /// Names of the sign-in providers that know them.
    pub providers: Vec<String>,
    pub totp: TotpState,
}

/// The second step of signing in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TotpState {
    pub is_on: bool,
    /// It may not be turned off.
    pub is_required: bool,
    pub recovery_codes_left: u32,
}

/// What of the profile is to be changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ProfilePatch {
    pub full_name: Option<String>,
    /// A link goes to it; it takes the place of the former when the link is followed.
    pub email: Option<String>,
    /// The present password, for another address.
    pub password: Option<String>,
}

/// A second factor that is being set up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TotpSetup {
    /// For those who type it: base32.
    pub secret: String,
    /// The same as an `otpauth:` address.
    pub address: String,
    /// The address as a QR code, an SVG.
    pub qr: String,
}

/// Codes that stand in for the second factor, each once. They are shown this one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    pub codes: Vec<String>,
}

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationRequest {
    pub email: String,
    /// The name they sign in with; without one, what stands before the @.
    #[serde(default)]
    pub name: Option<String>,
    pub role: UserRole,
    /// Names of groups that they will be in.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// An invitation that was not taken up yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// The id of the user that it is for.
    pub id: String,
    pub name: String,
    pub email: Option<String>,
    pub role: UserRole,
    pub invited_by: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub expires_at: String,
    pub is_expired: bool,
}

/// An invitation on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvitation {
    pub invitation: Invitation,
    /// Where no mail was sent: the path of the link, shown this one time.
    pub link: Option<String>,
    /// Why no mail was sent.
    pub reason: Option<String>,
}

/// How people can sign in here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SignInWays {
    pub password: bool,
    /// The name of the sign-in provider.
    pub provider: Option<String>,
    /// A forgotten password can be replaced by mail.
    pub reset: bool,
}
