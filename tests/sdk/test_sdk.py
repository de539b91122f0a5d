"""Customers, usage and invoices through the official Python SDK."""

from datetime import datetime, timezone

import httpx
import pytest
from flexprice import Flexprice

from conftest import URL


def test_a_customer_is_created_updated_and_found(sdk, name):
    created = sdk.customers.create_customer(
        external_id=name, name="Acme", email="ops@acme.test", metadata={"plan": "gold"}
    )
    assert created.id.startswith("cust_")
    assert created.timezone == "UTC"

    updated = sdk.customers.update_customer(
        external_customer_id=name,
        name="Acme GmbH",
        integration_entity_mapping=[
            {
                "entity_id": created.id,
                "entity_type": "customer",
                "provider_type": "stripe",
                "provider_entity_id": "cus_1",
            }
        ],
    )
    assert (updated.id, updated.name, updated.email) == (created.id, "Acme GmbH", "ops@acme.test")
    assert [link.provider_entity_id for link in updated.integrations] == ["cus_1"]

    renamed = sdk.customers.update_customer(id=created.id, external_id=f"{name} / ü", contact="+49 30 1")
    assert (renamed.contact, renamed.metadata["old_external_ids"]) == ("+49 30 1", name)
    back = sdk.customers.update_customer(
        external_customer_id=f"{name} / ü", external_id=name, metadata={"plan": "gold"}
    )
    assert (back.id, back.external_id, back.contact) == (created.id, name, "+49 30 1")

    found = sdk.customers.get_customer_by_external_id(external_id=name)
    assert (found.name, found.metadata) == ("Acme GmbH", {"plan": "gold"})
    listed = sdk.customers.query_customer(external_id=name)
    assert [item.id for item in listed.items] == [created.id]


def test_an_unknown_customer_is_an_error_with_the_standard_body(sdk, name):
    with pytest.raises(Exception) as refused:
        sdk.customers.update_customer(external_customer_id=name, name="Nobody")
    assert refused.value.status_code == 404
    assert '"not_found"' in refused.value.body


def test_usage_and_invoice(sdk, name):
    feature = sdk.features.create_feature(
        name="Calls",
        lookup_key=f"calls-{name}",
        type_="metered",
        meter={
            "name": "Calls",
            "event_name": f"call-{name}",
            "aggregation": {"type": "COUNT"},
            "reset_usage": "BILLING_PERIOD",
        },
    )
    plan = sdk.plans.create_plan(name="Plan", lookup_key=f"plan-{name}")
    price = {
        "entity_type": "PLAN",
        "entity_id": plan.id,
        "currency": "usd",
        "price_unit_type": "FIAT",
        "billing_period": "MONTHLY",
        "billing_period_count": 1,
        "billing_model": "FLAT_FEE",
    }
    sdk.prices.create_price(**price, type_="FIXED", invoice_cadence="ADVANCE", amount="7.50")
    sdk.prices.create_price(
        **price, type_="USAGE", invoice_cadence="ARREAR", amount="0.25", meter_id=feature.meter_id
    )
    customer = sdk.customers.create_customer(external_id=name, name="Acme")
    subscription = sdk.subscriptions.create_subscription(
        customer_id=customer.id,
        plan_id=plan.id,
        currency="usd",
        billing_period="MONTHLY",
        billing_period_count=1,
        collection_method="send_invoice",
        payment_behavior="default_active",
    )

    event = {"event_name": f"call-{name}", "external_customer_id": name}
    accepted = sdk.events.ingest_event(**event)
    assert accepted["event_id"].startswith("event_")
    sdk.events.ingest_events_bulk(events=[event | {"event_id": f"{name}-{number}"} for number in range(9)])

    usage = sdk.events.get_usage_by_meter(meter_id=feature.meter_id, external_customer_id=name)
    assert usage.value == 10

    opening = sdk.invoices.query_invoice(subscription_id=subscription.id)
    assert [invoice.total for invoice in opening.items] == ["7.5"]
    invoice = sdk.invoices.get_invoice(id=opening.items[0].id)
    assert (invoice.invoice_status, invoice.billing_reason) == ("FINALIZED", "SUBSCRIPTION_CREATE")
    assert [line.amount for line in invoice.line_items] == ["7.5"]

    preview = sdk.invoices.get_invoice_preview(subscription_id=subscription.id)
    assert preview.total == "10", "ten calls at 0.25, and the fee of the next month"


def test_a_test_clock_turns_a_month_into_an_invoice(sdk, name):
    """The clock is Tariff's own; everything around it is the SDK's."""
    sign_up = httpx.post(
        f"{URL}/v1/auth/signup", json={"email": f"{name}@example.test", "password": "correct horse battery"}
    ).json()
    session = {"Authorization": f"Bearer {sign_up['token']}"}
    environment = httpx.get(f"{URL}/v1/environments", headers=session).json()["environments"][0]["id"]
    session["X-Environment-ID"] = environment
    key = httpx.post(
        f"{URL}/v1/secrets/api/keys", headers=session, json={"name": "sdk", "type": "private_key"}
    ).json()["api_key"]

    def set_clock(now):
        answer = httpx.post(f"{URL}/v1/environments/{environment}/clock", headers=session, json={"now": now})
        answer.raise_for_status()

    with Flexprice(server_url=f"{URL}/v1", api_key_auth=key) as own:
        set_clock("2024-01-01T00:00:00Z")
        plan = own.plans.create_plan(name="Plan")
        own.prices.create_price(
            entity_type="PLAN",
            entity_id=plan.id,
            currency="usd",
            price_unit_type="FIAT",
            type_="FIXED",
            billing_model="FLAT_FEE",
            billing_period="MONTHLY",
            billing_period_count=1,
            invoice_cadence="ARREAR",
            amount="12.34",
        )
        own.customers.create_customer(external_id=name, name="Acme")
        own.subscriptions.create_subscription(
            external_customer_id=name,
            plan_id=plan.id,
            currency="usd",
            billing_period="MONTHLY",
            billing_period_count=1,
            billing_cycle="calendar",
            start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
            collection_method="send_invoice",
            payment_behavior="default_active",
        )
        set_clock("2024-02-01T00:00:00Z")
        set_clock("2024-02-02T00:00:00Z")
        invoices = own.invoices.query_invoice(external_customer_id=name, invoice_status=["FINALIZED"]).items
        assert [(invoice.billing_reason, invoice.total) for invoice in invoices] == [("SUBSCRIPTION_CYCLE", "12.34")]
