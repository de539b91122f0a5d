"""Addons, cost sheets and plan sync through the official Python SDK."""

import time

import pytest

WORKFLOW_TIMEOUT_SECONDS = 30

PRICE = {
    "currency": "usd",
    "price_unit_type": "FIAT",
    "billing_model": "FLAT_FEE",
    "billing_period": "MONTHLY",
    "billing_period_count": 1,
}


@pytest.fixture
def feature(sdk, name):
    return sdk.features.create_feature(
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


@pytest.fixture
def plan(sdk, name):
    plan = sdk.plans.create_plan(name="Plan", lookup_key=f"plan-{name}")
    sdk.prices.create_price(
        **PRICE, entity_type="PLAN", entity_id=plan.id, type_="FIXED", invoice_cadence="ADVANCE", amount="5"
    )
    return plan


@pytest.fixture
def subscription(sdk, name, plan):
    sdk.customers.create_customer(external_id=name, name="Acme")
    return sdk.subscriptions.create_subscription(
        external_customer_id=name,
        plan_id=plan.id,
        currency="usd",
        billing_period="MONTHLY",
        billing_period_count=1,
        collection_method="send_invoice",
        payment_behavior="default_active",
    )


def test_an_addon_is_attached_twice_and_detached(sdk, name, feature, subscription):
    addon = sdk.addons.create_addon(name="Boost", lookup_key=f"boost-{name}", metadata={"tier": "gold"})
    sdk.prices.create_price(
        **PRICE, entity_type="ADDON", entity_id=addon.id, type_="FIXED", invoice_cadence="ARREAR", amount="3"
    )
    sdk.entitlements.create_entitlement(
        entity_type="ADDON", entity_id=addon.id, feature_id=feature.id, feature_type="metered", usage_limit=10
    )
    found = sdk.addons.get_addon_by_lookup_key(lookup_key=f"boost-{name}")
    assert (found.id, [price.amount for price in found.prices]) == (addon.id, ["3"])
    assert [item.id for item in sdk.addons.query_addon(addon_ids=[addon.id]).items] == [addon.id]
    assert [item.usage_limit for item in sdk.entitlements.get_addon_entitlements(id=addon.id).items] == [10]

    attached = [
        sdk.subscriptions.add_subscription_addon(addon_id=addon.id, subscription_id=subscription.id) for _ in range(2)
    ]
    listed = sdk.subscriptions.get_subscription_addon_associations(id=subscription.id)
    assert {item.id for item in listed.items} == {association.id for association in attached}
    customer = sdk.customers.get_customer_by_external_id(external_id=name)
    view = sdk.customers.get_customer_entitlements(id=customer.id)
    assert [entry.entitlement.usage_limit for entry in view.features] == [20], "once for each attachment"

    sdk.subscriptions.remove_subscription_addon(addon_association_id=attached[0].id)
    with pytest.raises(Exception) as refused:
        sdk.addons.delete_addon(id=addon.id)
    assert refused.value.status_code == 400
    subscriptions = sdk.customers.get_subscriptions_for_customer(external_id=name)
    assert [item.id for item in subscriptions.items] == [subscription.id]


def test_a_cost_sheet_sets_cost_against_revenue(sdk, name, feature, plan):
    sdk.prices.create_price(
        **PRICE,
        entity_type="PLAN",
        entity_id=plan.id,
        type_="USAGE",
        meter_id=feature.meter_id,
        invoice_cadence="ARREAR",
        amount="0.50",
    )
    sdk.customers.create_customer(external_id=name, name="Acme")
    sdk.subscriptions.create_subscription(
        external_customer_id=name,
        plan_id=plan.id,
        currency="usd",
        billing_period="MONTHLY",
        billing_period_count=1,
        collection_method="send_invoice",
        payment_behavior="default_active",
    )
    sheet = sdk.costs.create_costsheet(name=f"Rates {name}", lookup_key=f"rates-{name}").costsheet
    sdk.prices.create_price(
        **PRICE,
        entity_type="COSTSHEET",
        entity_id=sheet.id,
        type_="USAGE",
        meter_id=feature.meter_id,
        invoice_cadence="ARREAR",
        amount="0.20",
    )
    assert sdk.costs.get_active_costsheet().id == sheet.id
    found = sdk.costs.query_costsheet(costsheet_i_ds=[sheet.id])
    assert [item.id for item in found.items] == [sheet.id]
    event = {"event_name": f"call-{name}", "external_customer_id": name}
    sdk.events.ingest_events_bulk(events=[event | {"event_id": f"{name}-{number}"} for number in range(10)])

    figures = sdk.costs.get_detailed_cost_analytics(external_customer_id=name)
    assert (figures.total_revenue, figures.total_cost, figures.margin) == ("5", "2", "3")
    assert (figures.margin_percent, figures.roi_percent) == ("60", "150")

    assert sdk.costs.update_costsheet(id=sheet.id, name=f"New {name}").costsheet.name == f"New {name}"
    assert sdk.costs.delete_costsheet(id=sheet.id).id == sheet.id


def test_a_new_price_reaches_running_subscriptions_by_a_sync(sdk, name, feature, plan, subscription):
    price = sdk.prices.create_price(
        **PRICE,
        entity_type="PLAN",
        entity_id=plan.id,
        type_="USAGE",
        meter_id=feature.meter_id,
        invoice_cadence="ARREAR",
        amount="0.50",
    )
    started = sdk.plans.sync_plan_prices(id=plan.id)
    assert started.workflow_id.startswith("wf_")
    deadline = time.monotonic() + WORKFLOW_TIMEOUT_SECONDS
    while True:
        [run] = sdk.workflows.query_workflow(workflow_id=started.workflow_id).items
        if run.status != "Running":
            break
        assert time.monotonic() < deadline, "the workflow does not end"
        time.sleep(0.1)
    assert (run.status, run.run_id) == ("Completed", started.run_id)
    lines = sdk.subscriptions.query_subscription_line_items(subscription_ids=[subscription.id]).items
    assert [line.price_id for line in lines].count(price.id) == 1
