//! What may be synchronized with a provider (spec 07 §2.6).

use std::collections::BTreeSet;

use crate::integration_config::{EntitySyncConfig, S3ExportConfig, SyncConfig};
use crate::secrets::SecretProvider;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wallets::InvoiceSyncSettings;

/// Most custom fields that metadata fills on invoices.
const CUSTOM_FIELDS_MAX: usize = 50;

/// Checks the synchronization of a connection to this provider.
pub(super) fn check(config: &SyncConfig, provider: SecretProvider, errors: &mut FieldErrors) {
    let inbound = |entity: &Option<EntitySyncConfig>| entity.as_ref().is_some_and(|entity| entity.inbound);
    let outbound = |entity: &Option<EntitySyncConfig>| entity.as_ref().is_some_and(|entity| entity.outbound);
    for (on, field) in [
        (outbound(&config.plan), "plan.outbound"),
        (outbound(&config.subscription), "subscription.outbound"),
        (inbound(&config.invoice), "invoice.inbound"),
        (inbound(&config.deal), "deal.inbound"),
        (inbound(&config.quote), "quote.inbound"),
        (inbound(&config.price), "price.inbound"),
    ] {
        errors.check(!on, field, "is not possible in this direction");
    }
    if let Some(s3) = &config.s3 {
        check_storage(s3, errors);
    }
    if provider == SecretProvider::AwsMarketplace {
        let region = config.aws_marketplace.as_ref().map(|aws| &aws.region);
        errors.required("aws_marketplace.region", region);
    }
    if let Some(settings) = &config.invoice_sync_settings {
        let mut failures = FieldErrors::new();
        check_invoices(settings, &mut failures);
        errors.nested("invoice_sync_settings", failures);
    }
}

fn check_storage(s3: &S3ExportConfig, errors: &mut FieldErrors) {
    if !s3.is_flexprice_managed {
        errors.required("s3.bucket", Some(&s3.bucket));
        errors.required("s3.region", Some(&s3.region));
    }
}

fn check_invoices(settings: &InvoiceSyncSettings, errors: &mut FieldErrors) {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let mut taken = BTreeSet::new();
    if let Some(fields) = &settings.service_period_custom_fields {
        let (start, end) = (filled(&fields.start_field_id), filled(&fields.end_field_id));
        errors.check(
            start.is_some() == end.is_some(),
            "service_period_custom_fields",
            "needs both fields or none",
        );
        let differ = start.is_none() || start != end;
        errors.check(differ, "service_period_custom_fields", "names one field twice");
        taken.extend(start.into_iter().chain(end));
    }
    let custom = &settings.metadata_custom_fields;
    errors.at_most("metadata_custom_fields", Some(custom), CUSTOM_FIELDS_MAX);
    for (index, field) in custom.iter().enumerate() {
        let at = |member: &str| format!("metadata_custom_fields[{index}].{member}");
        for (member, text) in [("metadata_key", &field.metadata_key), ("field", &field.field)] {
            errors.check(!text.trim().is_empty(), &at(member), "must not be blank");
            errors.length(&at(member), Some(text), 0, NAME_CHARS_MAX);
        }
        errors.check(taken.insert(field.field.clone()), &at("field"), "is named twice");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn failing(config: Value, provider: SecretProvider) -> Vec<String> {
        let mut errors = FieldErrors::new();
        check(&serde_json::from_value(config).unwrap(), provider, &mut errors);
        errors.fields().map(str::to_owned).collect()
    }

    #[test]
    fn directions() {
        let both = json!({"inbound": true, "outbound": true});
        let all: serde_json::Map<_, _> = [
            "plan",
            "subscription",
            "invoice",
            "customer",
            "payment",
            "price",
            "deal",
            "quote",
        ]
        .into_iter()
        .map(|entity| (entity.to_owned(), both.clone()))
        .collect();
        assert_eq!(
            failing(Value::Object(all), SecretProvider::Stripe),
            [
                "deal.inbound",
                "invoice.inbound",
                "plan.outbound",
                "price.inbound",
                "quote.inbound",
                "subscription.outbound",
            ]
        );
        assert!(
            failing(
                json!({"plan": {"inbound": true}, "invoice": {"outbound": true}}),
                SecretProvider::Stripe
            )
            .is_empty()
        );
    }

    #[test]
    fn storage_needs_a_place_unless_it_is_managed() {
        assert_eq!(
            failing(json!({"s3": {}}), SecretProvider::S3),
            ["s3.bucket", "s3.region"]
        );
        assert!(failing(json!({"s3": {"is_flexprice_managed": true}}), SecretProvider::S3).is_empty());
        assert!(failing(json!({"s3": {"bucket": "b", "region": "r"}}), SecretProvider::S3).is_empty());
    }

    #[test]
    fn marketplaces_of_aws_need_a_region() {
        assert_eq!(
            failing(json!({}), SecretProvider::AwsMarketplace),
            ["aws_marketplace.region"]
        );
        let region = json!({"aws_marketplace": {"region": "us-east-1"}});
        assert!(failing(region, SecretProvider::AwsMarketplace).is_empty());
    }

    #[test]
    fn custom_fields_are_named_once() {
        let field = |name: &str| json!({"source": "customer", "metadata_key": "k", "field": name});
        let settings =
            |settings: Value| failing(json!({"invoice_sync_settings": settings}), SecretProvider::Quickbooks);
        let period = json!({"start_field_id": "s", "end_field_id": "e"});
        assert!(
            settings(json!({"service_period_custom_fields": period, "metadata_custom_fields": [field("a")]}))
                .is_empty()
        );
        assert_eq!(
            settings(json!({"service_period_custom_fields": {"start_field_id": "s"}})),
            ["invoice_sync_settings.service_period_custom_fields"]
        );
        assert_eq!(
            settings(
                json!({"service_period_custom_fields": period, "metadata_custom_fields": [field("a"), field("a"), field("s"), field(" ")]})
            ),
            [
                "invoice_sync_settings.metadata_custom_fields[1].field",
                "invoice_sync_settings.metadata_custom_fields[2].field",
                "invoice_sync_settings.metadata_custom_fields[3].field",
            ]
        );
        let many: Vec<Value> = (0..51).map(|index| field(&format!("f{index}"))).collect();
        assert!(settings(json!({"metadata_custom_fields": many[..50]})).is_empty());
        assert_eq!(
            settings(json!({"metadata_custom_fields": many})),
            ["invoice_sync_settings.metadata_custom_fields"]
        );
    }
}
