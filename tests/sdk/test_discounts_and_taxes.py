"""Coupons and taxes through the official Python SDK."""

import pytest


@pytest.fixture
def plan(sdk, name):
    plan = sdk.plans.create_plan(name="Plan", lookup_key=f"plan-{name}")
    sdk.prices.create_price(
        entity_type="PLAN",
        entity_id=plan.id,
        currency="usd",
        price_unit_type="FIAT",
        type_="FIXED",
        billing_model="FLAT_FEE",
        billing_period="MONTHLY",
        billing_period_count=1,
        invoice_cadence="ADVANCE",
        amount="100",
    )
    return plan


@pytest.fixture
def coupon(sdk, name):
    return sdk.coupons.create_coupon(
        name="Ten",
        coupon_code=f"TEN-{name}",
        type_="percentage",
        cadence="forever",
        percentage_off="10",
        max_redemptions=1,
    )


@pytest.fixture
def rate(sdk, name):
    return sdk.tax_rates.create_tax_rate(
        name="VAT", code=f"vat-{name}", tax_rate_type="percentage", percentage_value="20"
    )


def subscribe(sdk, name, plan, coupon):
    return sdk.subscriptions.create_subscription(
        external_customer_id=name,
        plan_id=plan.id,
        currency="usd",
        billing_period="MONTHLY",
        billing_period_count=1,
        collection_method="send_invoice",
        payment_behavior="default_active",
        subscription_coupons=[{"coupon_code": coupon.coupon_code}],
    )


def test_a_subscription_is_discounted_and_taxed(sdk, name, plan, coupon, rate):
    # The SDK sends what the contract calls the default: an override applies by itself.
    overrides = [{"tax_rate_code": rate.code, "currency": "usd"}]
    sdk.customers.create_customer(external_id=name, name="Acme", tax_rate_overrides=overrides)
    subscription = subscribe(sdk, name, plan, coupon)
    preview = sdk.invoices.get_invoice_preview(subscription_id=subscription.id)
    opening = sdk.invoices.get_invoice(id=subscription.latest_invoice.id)
    for invoice in (subscription.latest_invoice, preview, opening):
        assert (invoice.total_discount, invoice.total_tax, invoice.total) == ("10", "18", "108")
        [application] = invoice.coupon_applications
        assert (application.coupon_id, application.final_price) == (coupon.id, "90")
        [tax] = invoice.taxes
        assert (tax.tax_rate_id, tax.taxable_amount, tax.tax_amount) == (rate.id, "90", "18")

    listed = sdk.coupon_associations.list_coupon_associations(subscription_ids=[subscription.id], expand="coupon")
    assert [item.coupon.total_redemptions for item in listed.items] == [1]
    found = sdk.coupon_associations.get_coupon_association(id=listed.items[0].id)
    assert found.subscription_id == subscription.id
    with pytest.raises(Exception) as refused:
        subscribe(sdk, name, plan, coupon)
    assert "redemption limit" in str(refused.value)


def test_coupons_are_found_renamed_and_withdrawn(sdk, name, coupon):
    assert sdk.coupons.get_coupon_by_code(code=f"ten-{name}").id == coupon.id
    assert sdk.coupons.update_coupon(id=coupon.id, name="Tenth").name == "Tenth"
    assert [item.name for item in sdk.coupons.query_coupon(coupon_ids=[coupon.id]).items] == ["Tenth"]
    sdk.coupons.delete_coupon(id=coupon.id)
    assert sdk.coupons.get_coupon(id=coupon.id).status == "archived"


def test_a_rate_is_attached_and_let_go(sdk, name, rate):
    customer = sdk.customers.create_customer(external_id=name, name="Acme", tax_rate_overrides=[])
    attached = sdk.tax_associations.create_tax_association(tax_rate_code=rate.code, external_customer_id=name)
    assert (attached.entity_type, attached.entity_id, attached.auto_apply) == ("customer", customer.id, False)
    changed = sdk.tax_associations.update_tax_association(id=attached.id, priority=2, auto_apply=True)
    assert (changed.priority, changed.auto_apply) == (2, True)
    listed = sdk.tax_associations.list_tax_associations(external_customer_id=name)
    assert [item.id for item in listed.items] == [attached.id]
    with pytest.raises(Exception) as refused:
        sdk.tax_rates.delete_tax_rate(id=rate.id)
    assert "attached" in str(refused.value)
    sdk.tax_associations.delete_tax_association(id=attached.id)
    assert [item.id for item in sdk.tax_rates.get_tax_rates(taxrate_codes=[rate.code]).items] == [rate.id]
    sdk.tax_rates.delete_tax_rate(id=rate.id)
    assert sdk.tax_rates.get_tax_rate(id=rate.id).status == "archived"
