//! What each provider needs to be talked to (spec 07 §4.11).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::secrets::SecretProvider;
use crate::validate::FieldErrors;

/// Longest credential, in bytes: a cloud provider's key file fits.
const CREDENTIAL_BYTES_MAX: usize = 16 * 1024;
/// Longest name inside a domain name (RFC 1035).
const DNS_LABEL_BYTES_MAX: usize = 63;

/// A provider's credentials by name. Never printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Credentials(pub BTreeMap<String, String>);

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

impl Credentials {
    /// Demands what the provider needs. `managed` storage brings its own.
    pub(super) fn check(&self, provider: SecretProvider, managed: bool, errors: &mut FieldErrors) {
        let (required, _) = known(provider);
        for name in required.iter().filter(|_| !managed) {
            let given = self.0.get(*name).is_some_and(|value| !value.trim().is_empty());
            errors.check(given, name, "is required");
        }
        self.check_values(provider, errors);
    }

    /// Demands that only credentials are sent that may be replaced.
    pub(super) fn check_replacement(&self, provider: SecretProvider, errors: &mut FieldErrors) {
        let replaceable = replaceable(provider);
        for name in self.0.keys() {
            let allowed = replaceable.contains(&name.as_str());
            errors.check(allowed, name, "cannot be replaced; make a new connection");
        }
        let sent = replaceable.iter().filter(|name| self.0.contains_key(**name)).count();
        for name in replaceable.iter().filter(|_| sent > 0) {
            let given = self.0.get(*name).is_some_and(|value| !value.trim().is_empty());
            errors.check(given, name, "is required");
        }
        self.check_values(provider, errors);
    }

    fn check_values(&self, provider: SecretProvider, errors: &mut FieldErrors) {
        for (name, value) in &self.0 {
            errors.check(value.len() <= CREDENTIAL_BYTES_MAX, name, "is longer than 16 KiB");
        }
        if let (SecretProvider::Chargebee, Some(site)) = (provider, self.0.get("site")) {
            errors.check(
                is_dns_label(site),
                "site",
                "must be the name of a site, without its domain",
            );
        }
        if let (SecretProvider::Quickbooks, Some(environment)) = (provider, self.0.get("environment")) {
            let known = matches!(environment.as_str(), "sandbox" | "production");
            errors.check(known, "environment", "must be sandbox or production");
        }
    }

    /// Only what the provider knows; anything else that was sent is not kept.
    #[must_use]
    pub fn of_provider(mut self, provider: SecretProvider) -> Self {
        let (required, optional) = known(provider);
        self.0
            .retain(|name, _| required.contains(&name.as_str()) || optional.contains(&name.as_str()));
        self
    }
}

/// Names of the credentials that a provider must have, and may have.
fn known(provider: SecretProvider) -> (&'static [&'static str], &'static [&'static str]) {
    match provider {
        SecretProvider::Flexprice => (&[], &[]),
        SecretProvider::Stripe => (&["publishable_key", "secret_key", "webhook_secret"], &["account_id"]),
        SecretProvider::S3 => (&["aws_access_key_id", "aws_secret_access_key"], &["aws_session_token"]),
        SecretProvider::Hubspot => (&["access_token", "client_secret"], &["app_id"]),
        SecretProvider::Razorpay => (&["key_id", "secret_key"], &["webhook_secret"]),
        SecretProvider::Chargebee => (&["site", "api_key", "webhook_username", "webhook_password"], &[]),
        SecretProvider::Quickbooks => (
            &["client_id", "client_secret", "realm_id", "environment"],
            &[
                "auth_code",
                "redirect_uri",
                "webhook_verifier_token",
                "income_account_id",
            ],
        ),
        SecretProvider::ZohoBooks => (
            &["client_id", "client_secret", "organization_id"],
            &[
                "auth_code",
                "redirect_uri",
                "access_token",
                "refresh_token",
                "webhook_secret",
            ],
        ),
        SecretProvider::Nomod => (&["api_key"], &["webhook_secret"]),
        SecretProvider::Moyasar => (&["secret_key"], &["publishable_key", "webhook_secret"]),
        SecretProvider::Paddle => (&["api_key", "webhook_secret"], &["client_side_token"]),
        SecretProvider::Whop => (&["api_key", "company_id", "webhook_secret"], &["product_id"]),
        SecretProvider::Tabs => (&["api_key"], &[]),
        SecretProvider::AwsMarketplace => (&["role_arn", "external_id"], &[]),
        SecretProvider::GcpMarketplace => (&["credentials_json"], &[]),
        SecretProvider::AzureMarketplace => (&["tenant_id", "client_id", "client_secret"], &[]),
    }
}

/// Names of the credentials that an update replaces, all of them together.
fn replaceable(provider: SecretProvider) -> &'static [&'static str] {
    match provider {
        SecretProvider::Quickbooks => &["webhook_verifier_token"],
        SecretProvider::ZohoBooks | SecretProvider::Whop => &["webhook_secret"],
        SecretProvider::Chargebee => &["webhook_username", "webhook_password"],
        _ => &[],
    }
}

fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty()
        && text.len() <= DNS_LABEL_BYTES_MAX
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(pairs: &[(&str, &str)]) -> Credentials {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Credentials(pairs.iter().map(owned).collect())
    }

    #[test]
    fn debugging_shows_names_only() {
        let shown = format!("{:?}", credentials(&[("api_key", "sesame")]));
        assert_eq!(shown, r#"{"api_key"}"#);
    }

    #[test]
    fn sites_are_dns_labels() {
        for site in ["acme", "acme-test", "a1"] {
            assert!(is_dns_label(site), "{site}");
        }
        for site in [
            "",
            "-acme",
            "acme-",
            "acme.chargebee.com",
            "a/b",
            "ümlaut",
            &"a".repeat(64),
        ] {
            assert!(!is_dns_label(site), "{site}");
        }
    }

    #[test]
    fn replacing_is_all_or_nothing() {
        let failing = |pairs: &[(&str, &str)]| {
            let mut errors = FieldErrors::new();
            credentials(pairs).check_replacement(SecretProvider::Chargebee, &mut errors);
            errors.fields().map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(failing(&[("webhook_username", "u"), ("webhook_password", "p")]).is_empty());
        assert_eq!(failing(&[("webhook_username", "u")]), ["webhook_password"]);
        assert_eq!(failing(&[("api_key", "k")]), ["api_key"]);
    }

    #[test]
    fn what_a_provider_does_not_know_is_dropped() {
        let sent = credentials(&[("api_key", "k"), ("colour", "blue")]);
        assert_eq!(sent.of_provider(SecretProvider::Tabs), credentials(&[("api_key", "k")]));
    }
}
