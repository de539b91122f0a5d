"""A tour of Tariff in five minutes, with the official Python SDK.

Start a server (`cargo run --release -- serve`), put the API key that it prints into TARIFF_API_KEY, then:

    pip install flexprice==2.1.43
    python examples/tour.py

Another address than http://127.0.0.1:8080 goes into TARIFF_URL. The tour can be taken again and again.
"""

import os
import uuid

from flexprice import Flexprice

url = os.environ.get("TARIFF_URL", "http://127.0.0.1:8080")
tour = uuid.uuid4().hex[:8]  # Lets every tour have names of its own.

with Flexprice(server_url=f"{url}/v1", api_key_auth=os.environ["TARIFF_API_KEY"]) as tariff:
    # 1. What is measured: a feature whose meter adds up the property `tokens` of events called `completion`.
    feature = tariff.features.create_feature(
        name="Tokens",
        lookup_key=f"tokens-{tour}",
        type_="metered",
        meter={
            "name": "Tokens",
            "event_name": f"completion-{tour}",
            "aggregation": {"type": "SUM", "field": "tokens"},
            "reset_usage": "BILLING_PERIOD",
        },
    )

    # 2. What it costs: 20.00 a month in advance, and 0.50 per started thousand tokens. The first 10,000 are included.
    plan = tariff.plans.create_plan(name="Pro", lookup_key=f"pro-{tour}")
    price = {
        "entity_type": "PLAN",
        "entity_id": plan.id,
        "currency": "usd",
        "price_unit_type": "FIAT",
        "billing_period": "MONTHLY",
        "billing_period_count": 1,
    }
    tariff.prices.create_price(
        **price, type_="FIXED", billing_model="FLAT_FEE", invoice_cadence="ADVANCE", amount="20.00"
    )
    tariff.prices.create_price(
        **price,
        type_="USAGE",
        meter_id=feature.meter_id,
        billing_model="PACKAGE",
        invoice_cadence="ARREAR",
        amount="0.50",
        transform_quantity={"divide_by": 1000, "round": "up"},
    )
    tariff.entitlements.create_entitlement(
        entity_type="PLAN",
        entity_id=plan.id,
        feature_id=feature.id,
        feature_type="metered",
        is_enabled=True,
        usage_limit=10_000,
        usage_reset_period="MONTHLY",
    )

    # 3. Who pays: a customer, known to you by your own id, and a subscription.
    customer = tariff.customers.create_customer(external_id=f"acme-{tour}", name="Acme")
    subscription = tariff.subscriptions.create_subscription(
        external_customer_id=customer.external_id,
        plan_id=plan.id,
        currency="usd",
        billing_period="MONTHLY",
        billing_period_count=1,
        collection_method="send_invoice",
        payment_behavior="default_active",
    )
    print(f"{customer.name} has subscription {subscription.id}, {subscription.subscription_status}")

    # 4. What is used: 12,345 tokens. An event that is sent twice counts once.
    for number, tokens in enumerate(["12000", "300", "45", "45"]):
        tariff.events.ingest_event(
            event_id=f"{tour}-{min(number, 2)}",
            event_name=f"completion-{tour}",
            external_customer_id=customer.external_id,
            properties={"tokens": tokens},
        )
    usage = tariff.events.get_usage_by_meter(
        meter_id=feature.meter_id, external_customer_id=customer.external_id
    )
    print(f"{usage.value:,.0f} tokens used")

    # 5. What it comes to: the invoice that would be made if the month ended now.
    invoice = tariff.invoices.get_invoice_preview(subscription_id=subscription.id)
    for line in invoice.line_items:
        print(f"  {line.display_name:<12} {line.quantity:>8} {line.amount:>8}")
    print(f"  {'Total':<12} {'':>8} {invoice.total:>8}")
    assert invoice.total == "21.5", "12,345 tokens less 10,000 are three started thousands: 1.50, and 20.00"
