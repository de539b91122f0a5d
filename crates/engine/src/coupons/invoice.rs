//! Coupons on an invoice: which ones apply, and the record of what they took off (spec 05 §5.4).

use std::collections::BTreeMap;

use tariff_contract::DateTime;
use tariff_contract::coupons::CouponApplicationResponse;
use tariff_contract::error::ApiError;
use tariff_core::discount::{Coupon, Discounted, InvoiceDiscounts};
use tariff_core::vocabulary::CouponType;
use tariff_core::{Currency, Decimal, IdPrefix, Period, Status, Timestamp};
use tariff_store::column::{Json, Number, Time, Word};
use tariff_store::entity::{coupon_applications, coupon_associations, coupons, invoices};
use tariff_store::{Direction, Listing, Scoped, Test, set};

use super::{discount_of, response, running, terms_of};
use crate::context::Context;
use crate::engine::Work;
use crate::error::{Error, Result};
use crate::ids::mint;
use crate::records::{Narrow, metadata_out};

/// A coupon that applies, and through which association.
#[derive(Debug, Clone)]
struct Applying {
    association_id: String,
    coupon: coupons::Model,
}

/// The coupons of one invoice, in their order of application.
#[derive(Debug, Clone, Default)]
pub(crate) struct InvoiceCoupons {
    on_lines: Vec<(usize, Applying)>,
    on_invoice: Vec<Applying>,
}

impl InvoiceCoupons {
    /// The line coupons with the position of their line.
    pub(crate) fn line_coupons(&self) -> Vec<(usize, Coupon)> {
        self.on_lines
            .iter()
            .map(|(line, applying)| (*line, discount_of(&applying.coupon)))
            .collect()
    }

    /// The coupons of the invoice as a whole.
    pub(crate) fn invoice_coupons(&self) -> Vec<Coupon> {
        self.on_invoice
            .iter()
            .map(|applying| discount_of(&applying.coupon))
            .collect()
    }
}

/// The coupons of a subscription that apply to its invoice of a period. Those that do not are passed over silently, and so
/// are those of subscription lines that the invoice does not bill. `lines` are the subscription lines that it bills, in
/// the order of its own.
pub(crate) async fn for_invoice(
    rows: &Scoped<'_>,
    subscription_id: &str,
    invoice_id: &str,
    (period, currency): (Period, &Currency),
    lines: &[&str],
) -> Result<InvoiceCoupons> {
    let mut found = InvoiceCoupons::default();
    for (association, coupon) in running(rows, subscription_id, period).await? {
        if !applies(rows, &association, &coupon, invoice_id, currency).await? {
            continue;
        }
        let applying = Applying {
            association_id: association.id,
            coupon,
        };
        match association.subscription_line_item_id {
            None => found.on_invoice.push(applying),
            // A line that is billed more than once, as one with overage, is discounted where it comes last.
            Some(own) => {
                if let Some(line) = lines.iter().rposition(|line| *line == own) {
                    found.on_lines.push((line, applying));
                }
            }
        }
    }
    Ok(found)
}

async fn applies(
    rows: &Scoped<'_>,
    association: &coupon_associations::Model,
    coupon: &coupons::Model,
    invoice_id: &str,
    currency: &Currency,
) -> Result<bool> {
    let terms = terms_of(coupon);
    if terms.check_running(currency).is_err() {
        return Ok(false);
    }
    let earlier = Listing::all()
        .equal("coupon_association_id", association.id.as_str())
        .with("invoice_id", Test::NotEqual(invoice_id.into()))
        .published();
    Ok(terms.applies_after(rows.count::<coupon_applications::Entity>(&earlier).await?))
}

/// Replaces the records of what coupons took off an invoice. `line_ids` are those of its lines, in order.
pub(crate) async fn record(
    work: &Work<'_>,
    invoice: &invoices::Model,
    applied: &InvoiceCoupons,
    discounts: &InvoiceDiscounts,
    line_ids: &[String],
) -> Result<()> {
    let former = Listing::all().equal("invoice_id", invoice.id.as_str()).published();
    let withdrawn = coupon_applications::ActiveModel {
        status: set(Word(Status::Deleted)),
        ..Default::default()
    };
    work.rows()
        .update_where::<coupon_applications::Entity>(&former, withdrawn)
        .await?;
    for row in applications(work.context, work.now, invoice, applied, discounts, line_ids)? {
        work.rows().insert::<coupon_applications::Entity>(row).await?;
    }
    Ok(())
}

/// What coupons take off an invoice that is not stored: as [`record`] would keep it, without ids.
pub(crate) fn synthesized(
    context: &Context,
    invoice: &invoices::Model,
    applied: &InvoiceCoupons,
    discounts: &InvoiceDiscounts,
    line_ids: &[String],
) -> Result<Vec<CouponApplicationResponse>> {
    let rows = applications(context, context.now(), invoice, applied, discounts, line_ids)?;
    let without_id = |row| CouponApplicationResponse {
        id: String::new(),
        ..application_response(row)
    };
    Ok(rows.into_iter().map(without_id).collect())
}

/// The records of an invoice, in order of application.
fn applications(
    context: &Context,
    now: Timestamp,
    invoice: &invoices::Model,
    applied: &InvoiceCoupons,
    discounts: &InvoiceDiscounts,
    line_ids: &[String],
) -> Result<Vec<coupon_applications::Model>> {
    let on_lines = applied.on_lines.iter().zip(&discounts.line_coupons);
    let on_lines = on_lines.filter_map(|((line, applying), discounted)| {
        Some((applying, discounted.as_ref()?, line_ids.get(*line).cloned()))
    });
    let on_invoice = applied.on_invoice.iter().zip(&discounts.invoice_coupons);
    let on_invoice = on_invoice.map(|(applying, discounted)| (applying, discounted, None));
    (0_i64..)
        .zip(on_lines.chain(on_invoice))
        .map(|(position, (applying, discounted, line_id))| {
            application((context, now), invoice, applying, discounted, (line_id, position))
        })
        .collect()
}

fn application(
    (context, now): (&Context, Timestamp),
    invoice: &invoices::Model,
    applying: &Applying,
    discounted: &Discounted,
    (invoice_line_item_id, position): (Option<String>, i64),
) -> Result<coupon_applications::Model> {
    let coupon = &applying.coupon;
    let percentage = match coupon.kind.0 {
        CouponType::Percentage => coupon.percentage_off.as_ref().map(|percentage| percentage.0.clone()),
        CouponType::Fixed => None,
    };
    let snapshot = serde_json::to_value(response(coupon.clone())).map_err(|error| Error(ApiError::internal(error)))?;
    Ok(coupon_applications::Model {
        id: mint(IdPrefix::CouponApplication),
        tenant_id: context.scope.tenant_id.clone(),
        environment_id: context.scope.environment_id.clone(),
        coupon_id: coupon.id.clone(),
        coupon_association_id: Some(applying.association_id.clone()),
        invoice_id: invoice.id.clone(),
        invoice_line_item_id,
        subscription_id: invoice.subscription_id.clone(),
        currency: invoice.currency.clone(),
        discount_type: coupon.kind,
        discount_percentage: Number(percentage.unwrap_or_else(Decimal::zero)),
        original_price: Number(&discounted.final_price + &discounted.discount),
        discounted_amount: Number(discounted.discount.clone()),
        final_price: Number(discounted.final_price.clone()),
        coupon_snapshot: Json(snapshot),
        applied_at: Time(now),
        position,
        metadata: None,
        status: Word(Status::Published),
        created_at: Time(now),
        updated_at: Time(now),
        created_by: context.user_id.clone(),
        updated_by: context.user_id.clone(),
    })
}

/// What coupons took off some invoices, by invoice, in order of application.
pub(crate) async fn applications_of<I: IntoIterator<Item = String>>(
    rows: &Scoped<'_>,
    invoice_ids: I,
) -> Result<BTreeMap<String, Vec<CouponApplicationResponse>>> {
    let by_position = Listing {
        sort: vec![("position".to_owned(), Direction::Ascending)],
        ..Listing::all()
    };
    let listing = by_position.within("invoice_id", invoice_ids).published();
    let mut by_invoice: BTreeMap<String, Vec<CouponApplicationResponse>> = BTreeMap::new();
    for row in rows.list::<coupon_applications::Entity>(&listing).await? {
        by_invoice
            .entry(row.invoice_id.clone())
            .or_default()
            .push(application_response(row));
    }
    Ok(by_invoice)
}

fn application_response(row: coupon_applications::Model) -> CouponApplicationResponse {
    CouponApplicationResponse {
        id: row.id,
        coupon_id: row.coupon_id,
        coupon_association_id: row.coupon_association_id,
        invoice_id: row.invoice_id,
        invoice_line_item_id: row.invoice_line_item_id,
        subscription_id: row.subscription_id,
        currency: row.currency,
        discount_type: row.discount_type.0,
        discount_percentage: row.discount_percentage.0,
        original_price: row.original_price.0,
        discounted_amount: row.discounted_amount.0,
        final_price: row.final_price.0,
        coupon_snapshot: row.coupon_snapshot.0.as_object().cloned(),
        applied_at: Some(DateTime(row.applied_at.0)),
        metadata: metadata_out(row.metadata),
        tenant_id: row.tenant_id,
        environment_id: row.environment_id,
        status: row.status.0,
        created_at: DateTime(row.created_at.0),
        updated_at: DateTime(row.updated_at.0),
        created_by: row.created_by,
        updated_by: row.updated_by,
    }
}
