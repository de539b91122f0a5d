-- From deliveries, as they were sent, to events: the last delivery of an id is the event (spec 02 §4.2).

CREATE TABLE read_properties AS
WITH kinds AS (
    SELECT
        *,
        CASE left(json, 1)
            WHEN '"' THEN 'text'
            WHEN '[' THEN 'compound'
            WHEN '{' THEN 'compound'
            WHEN 't' THEN 'boolean'
            WHEN 'f' THEN 'boolean'
            WHEN 'n' THEN 'null'
            ELSE 'number'
        END AS kind
    FROM properties
),
texts AS (
    SELECT *, CASE kind WHEN 'text' THEN json_extract_string(json, '$') END AS content FROM kinds
),
numerals AS (
    SELECT
        *,
        CASE WHEN kind = 'number' THEN json WHEN is_number(content) THEN content END AS numeral,
        CASE
            WHEN kind = 'number' THEN json
            WHEN kind = 'text' THEN regexp_replace(content, '^\s+|\s+$', '', 'g')
        END AS operand
    FROM texts
),
parts AS (
    SELECT *, sign_of(numeral) AS sign, mantissa(numeral) AS mantissa, exponent(numeral) AS exponent FROM numerals
),
quantities AS (
    SELECT *, CASE WHEN numeral IS NULL THEN '0'::BIGNUM ELSE quantity(sign, mantissa, exponent) END AS number
    FROM parts
)
SELECT
    delivery,
    key,
    number,
    CASE kind
        WHEN 'text' THEN content
        WHEN 'number' THEN plain(number)
        WHEN 'boolean' THEN json
        WHEN 'compound' THEN json(json)::VARCHAR
    END AS text,
    CASE WHEN is_number(operand) THEN operand::DOUBLE END AS operand
FROM quantities;

CREATE TABLE last_deliveries AS
SELECT
    delivery,
    phase,
    event_id,
    regexp_replace(event_name, '^\s+|\s+$', '', 'g') AS event_name,
    external_customer_id,
    customer_id,
    date_trunc('millisecond', "timestamp"::TIMESTAMPTZ) AS t,
    source
FROM deliveries
QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY delivery DESC) = 1;
