-- Property values as the specification reads them (spec 02 §4.3, §4.5), and windows (§4.7).
--
-- A quantity is a whole number of 10^-340: BIGNUM has no fraction and any size, so every sum is exact.

SET TimeZone = 'UTC';
SET threads = 1;
SET ieee_floating_point_ops = true;

CREATE MACRO is_number(s) AS
    regexp_full_match(s, '[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?');

-- The parts of a number's text, which is_number() has let through.
CREATE MACRO mantissa(s) AS ltrim(split_part(lower(s), 'e', 1), '+-');

CREATE MACRO exponent(s) AS coalesce(nullif(ltrim(split_part(lower(s), 'e', 2), '+'), '')::BIGINT, 0);

CREATE MACRO sign_of(s) AS CASE WHEN left(s, 1) = '-' THEN '-' ELSE '' END;

-- Digits without a point, and how many zeros make them a number of 10^-340.
CREATE MACRO shifted(sign, digits, zeros) AS
    CASE
        WHEN zeros >= 0 THEN (sign || digits || repeat('0', zeros))::BIGNUM
        WHEN rtrim(right(digits, -zeros), '0') = ''
            THEN (sign || '0' || left(digits, greatest(length(digits) + zeros, 0)))::BIGNUM
        ELSE error('a number is finer than the scale: ' || digits || ' ' || zeros)
    END;

CREATE MACRO quantity(sign, mantissa, exponent) AS
    shifted(sign, replace(mantissa, '.', ''), 340 + exponent - length(split_part(mantissa, '.', 2)));

-- The shortest plain decimal of a quantity: no exponent, no trailing zeros.
CREATE MACRO plain_of_digits(sign, digits) AS
    (CASE WHEN ltrim(digits, '0') = '' THEN '' ELSE sign END)
    || coalesce(nullif(ltrim(left(digits, length(digits) - 340), '0'), ''), '0')
    || coalesce('.' || nullif(rtrim(right(digits, 340), '0'), ''), '');

CREATE MACRO plain(q) AS
    plain_of_digits(
        CASE WHEN q < '0'::BIGNUM THEN '-' ELSE '' END,
        lpad(ltrim(q::VARCHAR, '-'), greatest(341, length(q::VARCHAR))::INTEGER, '0')
    );

-- q · n by adding up: each digit of n, times its power of ten. BIGNUM does not multiply.
CREATE MACRO times_digits(q, digits) AS
    list_sum(
        flatten(
            list_transform(
                range(length(digits)),
                lambda place: list_transform(
                    range(substr(digits, length(digits) - place, 1)::BIGINT),
                    lambda again: (q::VARCHAR || repeat('0', place))::BIGNUM
                )
            )
        )
    );

CREATE MACRO times(q, n) AS
    coalesce(CASE WHEN n < 0 THEN -times_digits(q, abs(n)::VARCHAR) ELSE times_digits(q, n::VARCHAR) END, '0'::BIGNUM);

CREATE MACRO second_of(t) AS epoch_us(date_trunc('second', t)) // 1000000;

CREATE MACRO wall_clock(t, zone) AS t AT TIME ZONE zone;

-- The wall clock floored, at the offset in force: a repeated hour gives two windows.
CREATE MACRO floored(t, zone, width) AS
    (time_bucket(width, wall_clock(t, zone), TIMESTAMP '2000-01-01') - (wall_clock(t, zone) - wall_clock(t, 'UTC')))
    AT TIME ZONE 'UTC';

CREATE MACRO hours_floored(t, zone, hours) AS
    (date_trunc('day', wall_clock(t, zone)) + to_hours(CAST(hour(wall_clock(t, zone)) // hours * hours AS BIGINT)))
    AT TIME ZONE zone;

CREATE MACRO day_start(t, zone) AS date_trunc('day', wall_clock(t, zone)) AT TIME ZONE zone;

CREATE MACRO week_start(t, zone) AS
    (date_trunc('day', wall_clock(t, zone)) - to_days(CAST(dayofweek(wall_clock(t, zone)) AS INTEGER)))
    AT TIME ZONE zone;

CREATE MACRO anchored(month, anchor) AS
    month + to_days(CAST(least(anchor, day(last_day(month))) - 1 AS INTEGER));

CREATE MACRO latest_anchored(local, anchor) AS
    CASE
        WHEN anchored(date_trunc('month', local)::TIMESTAMP, anchor) <= local
            THEN anchored(date_trunc('month', local)::TIMESTAMP, anchor)
        ELSE anchored((date_trunc('month', local) - INTERVAL 1 MONTH)::TIMESTAMP, anchor)
    END;

CREATE MACRO month_start(t, zone, anchor) AS latest_anchored(wall_clock(t, zone), anchor) AT TIME ZONE zone;
