//! Reading invoices: one, or a list (spec 05 §4.1).

use std::collections::HashMap;

use tariff_contract::invoices::{INVOICE_EXPAND, InvoiceFilter, InvoiceResponse, ListInvoicesResponse};
use tariff_contract::subscriptions::SubscriptionResponse;
use tariff_contract::{Expand, Pagination};
use tariff_core::vocabulary::InvoiceStatus;
use tariff_store::entity::{
    customers as customer_rows, invoice_line_items, invoices, subscriptions as subscription_rows,
};
use tariff_store::{Listing, Scoped, Test};

use super::{get, lines_of, response};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::by_ids;
use crate::{coupons, customers, subscriptions, taxes};

impl Engine {
    /// The invoice of this id with its lines, taxes and customer and, for a subscription's invoice, the subscription.
    ///
    /// # Errors
    /// `not_found`; `validation_error` for an unknown name in `expand`.
    pub async fn get_invoice(&self, context: &Context, id: &str, expand: &str) -> Result<InvoiceResponse> {
        let expand = Expand::parse(expand, INVOICE_EXPAND)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let invoice = get(&rows, id).await?;
        let lines = lines_of(&rows, [invoice.id.clone()]).await?;
        let mut applied = taxes::of_invoices(&rows, [invoice.id.clone()], expand.has("tax_applied.tax_rate")).await?;
        let customer = customers::response(customers::get(&rows, &invoice.customer_id).await?, Vec::new());
        let subscription_id = invoice.subscription_id.clone();
        let taxes = applied.remove(&invoice.id).unwrap_or_default();
        let mut response = response(invoice, lines, Some(customer));
        let applied = coupons::applications_of(&rows, [response.id.clone()]).await?;
        response.coupon_applications = applied.into_values().flatten().collect();
        response.taxes = taxes;
        if let Some(id) = subscription_id {
            let subscription = subscriptions::get(&rows, &id).await?;
            response.subscription = Some(Box::new(subscriptions::plain_response(&rows, subscription).await?));
        }
        Ok(response)
    }

    /// The invoices that match; skipped ones only when asked for.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys; `not_found` for an unknown external customer id.
    pub async fn list_invoices(&self, context: &Context, filter: InvoiceFilter) -> Result<ListInvoicesResponse> {
        let options = filter.list_options()?;
        let range = TimeRange::Spanning("period_start", "period_end");
        let listing = listing::of(&options, DefaultStatus::Published, range);
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let with_lines = !filter.skip_line_items.unwrap_or_default();
        let listing = narrowed(&rows, listing, filter).await?;
        let (page, total) = rows.page::<invoices::Entity>(&listing).await?;
        let expand = Expand::parse_known(&options.expand, INVOICE_EXPAND);
        let mut items = with_related(&rows, page, with_lines).await?;
        if expand.has("subscription") {
            embed_subscriptions(&rows, &mut items).await?;
        }
        if expand.has("tax_applied") {
            let ids = items.iter().map(|invoice| invoice.id.clone());
            let mut applied = taxes::of_invoices(&rows, ids, expand.has("tax_applied.tax_rate")).await?;
            for invoice in &mut items {
                invoice.taxes = applied.remove(&invoice.id).unwrap_or_default();
            }
        }
        Ok(ListInvoicesResponse {
            items,
            pagination: Pagination::at(total, options.limit, options.offset),
        })
    }
}

async fn narrowed(rows: &Scoped<'_>, mut listing: Listing, filter: InvoiceFilter) -> Result<Listing> {
    let texts = [
        ("currency", filter.currency),
        ("customer_id", filter.customer_id),
        ("subscription_id", filter.subscription_id),
        ("billing_reason", filter.billing_reason.map(|reason| reason.to_string())),
        ("invoice_type", filter.invoice_type.map(|kind| kind.to_string())),
    ];
    for (field, text) in texts {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            listing = listing.equal(field, text);
        }
    }
    if let Some(external_id) = filter.external_customer_id.filter(|id| !id.is_empty()) {
        let customer = customers::get_by_external_id(rows, &external_id).await?;
        listing = listing.equal("customer_id", customer.id);
    }
    let words = |words: Option<Vec<InvoiceStatus>>| words.filter(|words| !words.is_empty());
    listing = match words(filter.invoice_status) {
        Some(statuses) => listing.within("invoice_status", statuses.into_iter().map(InvoiceStatus::as_str)),
        None => listing.with("invoice_status", Test::NotEqual(InvoiceStatus::Skipped.as_str().into())),
    };
    if let Some(statuses) = filter.payment_status.filter(|statuses| !statuses.is_empty()) {
        listing = listing.within("payment_status", statuses.iter().map(|status| status.as_str()));
    }
    for (field, ids) in [
        ("id", filter.invoice_ids),
        ("subscription_customer_id", filter.subscription_customer_id),
    ] {
        if let Some(ids) = ids.filter(|ids| !ids.is_empty()) {
            listing = listing.within(field, ids);
        }
    }
    for (field, bound) in [
        ("amount_due", filter.amount_due_gt),
        ("amount_remaining", filter.amount_remaining_gt),
    ] {
        if let Some(bound) = bound {
            listing = listing.with(field, Test::Greater(tariff_store::Operand::Decimal(bound.0)));
        }
    }
    let instants = [
        ("period_start", filter.period_start_gte, true),
        ("period_start", filter.period_start_lte, false),
        ("period_end", filter.period_end_gte, true),
        ("period_end", filter.period_end_lte, false),
    ];
    for (field, instant, lower) in instants {
        if let Some(instant) = instant {
            let bound = instant.0.into();
            listing = listing.with(
                field,
                if lower {
                    Test::GreaterOrEqual(bound)
                } else {
                    Test::LessOrEqual(bound)
                },
            );
        }
    }
    Ok(listing)
}

/// The subscriptions of a page of invoices, with their plans.
async fn embed_subscriptions(rows: &Scoped<'_>, invoices: &mut [InvoiceResponse]) -> Result<()> {
    let ids: Vec<String> = invoices
        .iter()
        .filter_map(|invoice| invoice.subscription_id.clone())
        .collect();
    let found = by_ids::<subscription_rows::Entity>(rows, ids, |subscription| &subscription.id).await?;
    let answers = subscriptions::plain_responses(rows, found.into_values().collect()).await?;
    let answers: HashMap<String, SubscriptionResponse> =
        answers.into_iter().map(|answer| (answer.id.clone(), answer)).collect();
    for invoice in invoices {
        let id = invoice.subscription_id.as_ref();
        invoice.subscription = id.and_then(|id| answers.get(id)).cloned().map(Box::new);
    }
    Ok(())
}

/// An invoice with its lines, discounts and taxes alone, as it is embedded elsewhere.
pub(crate) async fn plain_response(rows: &Scoped<'_>, invoice: invoices::Model) -> Result<InvoiceResponse> {
    let lines = lines_of(rows, [invoice.id.clone()]).await?;
    let mut discounts = coupons::applications_of(rows, [invoice.id.clone()]).await?;
    let mut applied = taxes::of_invoices(rows, [invoice.id.clone()], false).await?;
    Ok(InvoiceResponse {
        coupon_applications: discounts.remove(&invoice.id).unwrap_or_default(),
        taxes: applied.remove(&invoice.id).unwrap_or_default(),
        ..response(invoice, lines, None)
    })
}

/// Lines and customers of a whole page in two queries.
async fn with_related(rows: &Scoped<'_>, page: Vec<invoices::Model>, with_lines: bool) -> Result<Vec<InvoiceResponse>> {
    let ids = page.iter().filter(|_| with_lines).map(|invoice| invoice.id.clone());
    let mut lines: HashMap<String, Vec<invoice_line_items::Model>> = HashMap::new();
    for line in lines_of(rows, ids).await? {
        lines.entry(line.invoice_id.clone()).or_default().push(line);
    }
    let listing = Listing::all().within("id", page.iter().map(|invoice| invoice.customer_id.clone()));
    let payers: HashMap<String, customer_rows::Model> = rows
        .list::<customer_rows::Entity>(&listing)
        .await?
        .into_iter()
        .map(|customer| (customer.id.clone(), customer))
        .collect();
    let mut applied = coupons::applications_of(rows, page.iter().map(|invoice| invoice.id.clone())).await?;
    let complete = |invoice: invoices::Model| {
        let customer = payers
            .get(&invoice.customer_id)
            .map(|customer| customers::response(customer.clone(), Vec::new()));
        let lines = lines.remove(&invoice.id).unwrap_or_default();
        let mut answer = response(invoice, lines, customer);
        answer.coupon_applications = applied.remove(&answer.id).unwrap_or_default();
        answer
    };
    Ok(page.into_iter().map(complete).collect())
}
