//! What a browser carries for us and may neither read nor change: half a sign-in, a known device.

use crate::{Services, new_id, to_json};
use domain::Result;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What a device's cookie is sealed for.
const DEVICE: &str = "device";

/// A device on which somebody has signed in.
#[derive(Serialize, Deserialize)]
struct Device {
    id: String,
    user_id: String,
}

impl Services {
    /// Something for a browser to keep, which opens only as `what`.
    pub(super) fn seal_for_browser<T: Serialize>(&self, what: &str, value: &T) -> Result<String> {
        self.vault.seal(&to_json(value), &format!("browser:{what}"))
    }

    /// What a browser kept; `None` when it is not ours.
    pub(super) fn unseal_from_browser<T: DeserializeOwned>(&self, what: &str, text: &str) -> Option<T> {
        serde_json::from_str(&self.vault.try_unseal(text, &format!("browser:{what}"))?).ok()
    }

    /// The id of the device, where this user has signed in on it before.
    pub(super) fn known_device(&self, cookie: Option<&str>, user_id: &str) -> Option<String> {
        let device: Device = self.unseal_from_browser(DEVICE, cookie?)?;
        (device.user_id == user_id).then_some(device.id)
    }

    /// The cookie by which a device is known again as this user's: the present one, or a fresh one.
    pub(crate) fn device_cookie(&self, present: Option<&str>, user_id: &str) -> Result<String> {
        let id = self.known_device(present, user_id).unwrap_or_else(new_id);
        self.seal_for_browser(DEVICE, &Device { id, user_id: user_id.to_owned() })
    }
}
