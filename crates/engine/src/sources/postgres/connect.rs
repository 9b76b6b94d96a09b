//! Connecting: to an address that may be reached, encrypted as the source says, in a session that
//! only reads.

use super::super::{Hosts, Spec};
use super::fault;
use domain::{Error, Result};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a server may take to answer the door.
const PATIENCE: Duration = Duration::from_secs(10);
/// The ways to encrypt, the safest first.
pub(super) const MODES: [&str; 3] = ["verify_full", "require", "disable"];

/// Where a database is, and as whom to go there.
pub(super) struct Address {
    host: String,
    port: u16,
    database: String,
    user: String,
    password: Option<String>,
}

impl Address {
    pub(super) fn of(spec: &Spec) -> Result<Self> {
        let port = spec.settings.get("port").and_then(serde_json::Value::as_u64);
        Ok(Self {
            host: spec.required("host")?.trim().to_owned(),
            port: port.and_then(|p| u16::try_from(p).ok()).unwrap_or(5432),
            database: spec.required("database")?.to_owned(),
            user: spec.required("user")?.to_owned(),
            password: spec.password.clone(),
        })
    }
}

/// How the connection is encrypted.
#[derive(Clone)]
pub(super) enum Tls {
    Disabled,
    Encrypted(MakeRustlsConnect),
}

impl Tls {
    pub(super) fn of(spec: &Spec) -> Result<Self> {
        let mode = spec.text("tls").unwrap_or(MODES[0]);
        if mode == MODES[2] {
            return Ok(Self::Disabled);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let bad = |cause: &dyn std::fmt::Display| {
            tracing::warn!(%cause, "a CA certificate cannot be used");
            Error::invalid("The CA certificate cannot be used.")
                .hint("Paste the certificate as PEM, with its BEGIN and END lines.")
                .field("settings.ca_certificate")
        };
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| crate::fault::internal("TLS", &e))?;
        if mode == MODES[1] {
            let config = builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyServer(provider)));
            return Ok(Self::Encrypted(MakeRustlsConnect::new(config.with_no_client_auth())));
        }
        let mut roots = RootCertStore::empty();
        match spec.text("ca_certificate") {
            Some(pem) => {
                for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                    roots.add(certificate.map_err(|e| bad(&e))?).map_err(|e| bad(&e))?;
                }
                if roots.is_empty() {
                    return Err(bad(&"it holds none"));
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if roots.is_empty() {
            return Err(Error::invalid("The server has no list of public certificate authorities.")
                .hint("Install ca-certificates, or give the CA certificate of the source.")
                .field("settings.ca_certificate"));
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let config = builder.with_webpki_verifier(verifier.build().map_err(|e| bad(&e))?);
        Ok(Self::Encrypted(MakeRustlsConnect::new(config.with_no_client_auth())))
    }

    /// Asks the server to stop what the connection does.
    pub(super) async fn cancel(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let token = client.cancel_token();
        match self {
            Self::Disabled => token.cancel_query(NoTls).await,
            Self::Encrypted(tls) => token.cancel_query(tls.clone()).await,
        }
    }
}

/// A new connection whose session is ready for questions.
pub(super) async fn connect(address: &Address, tls: &Tls, hosts: &Hosts) -> Result<Client> {
    let mut config = Config::new();
    config
        .port(address.port)
        .dbname(&address.database)
        .user(&address.user)
        .application_name("orrery")
        .connect_timeout(PATIENCE);
    if let Some(password) = &address.password {
        config.password(password);
    }
    // The very addresses that were checked: a second look-up could find others.
    for ip in hosts.resolve(&address.host, address.port).await? {
        config.host(&address.host).hostaddr(ip);
    }
    let failed = |e: tokio_postgres::Error| fault::connecting(&e, &address.database);
    let opened = async {
        let client = match tls {
            Tls::Disabled => {
                let (client, connection) = config.ssl_mode(SslMode::Disable).connect(NoTls).await.map_err(failed)?;
                drive(connection);
                client
            }
            Tls::Encrypted(tls) => {
                let connected = config.ssl_mode(SslMode::Require).connect(tls.clone()).await;
                let (client, connection) = connected.map_err(failed)?;
                drive(connection);
                client
            }
        };
        client.batch_execute(semantic::session::READ_ONLY).await.map_err(failed)?;
        Ok(client)
    };
    tokio::time::timeout(PATIENCE, opened).await.map_err(|_| fault::silent())?
}

/// Lets a connection send and receive until either side closes it.
fn drive(connection: impl Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static) {
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to a source ended");
        }
    });
}

/// Takes any certificate: `require` asks for encryption and not for who is at the other end.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let schemes = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, schemes)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let schemes = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, schemes)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
