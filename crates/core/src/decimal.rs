//! Exact decimals for money, prices, quantities and credits (spec 03 §2.1).
//!
//! Sums, differences and products are exact, whatever their length. Only [`Decimal::div`] and the rounding
//! functions round, half away from zero. Binary floats never enter; the few JSON fields that are binary
//! doubles are converted at the wire's edge.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};
use std::str::FromStr;

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{BigDecimal, RoundingMode, Zero};
use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

/// Fractional digits kept by a division (spec 03 §2.1).
pub const DIVISION_DIGITS: u32 = 16;

/// Longest decimal accepted from outside, in characters.
pub const INPUT_CHARS_MAX: usize = 128;

/// Largest exponent, and largest number of fractional digits, accepted from outside.
pub const INPUT_SCALE_MAX: i64 = 100;

/// An exact decimal number of any size.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Decimal(BigDecimal);

/// Why a text is not a decimal this system accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseDecimalError {
    /// The text does not follow `[+-]?(digits[.digits] | .digits)([eE][+-]?digits)?`.
    #[error("is not a decimal number")]
    Syntax,
    /// The text is longer than [`INPUT_CHARS_MAX`] or its exponent exceeds [`INPUT_SCALE_MAX`].
    #[error("is out of range")]
    Range,
}

/// Division by zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("division by zero")]
pub struct DivisionByZero;

impl Decimal {
    /// Zero.
    #[must_use]
    pub fn zero() -> Self {
        Self(BigDecimal::zero())
    }

    /// One.
    #[must_use]
    pub fn one() -> Self {
        Self::from(1)
    }

    /// `mantissa · 10^-scale`, for constants: `Decimal::new(125, 1)` is 12.5.
    #[must_use]
    pub fn new(mantissa: i128, scale: u32) -> Self {
        Self(BigDecimal::new(mantissa.into(), i64::from(scale)))
    }

    /// Whether this is exactly zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether this is less than zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.0.sign() == Sign::Minus
    }

    /// Whether this is greater than zero.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.0.sign() == Sign::Plus
    }

    /// The magnitude.
    #[must_use]
    pub fn abs(&self) -> Self {
        Self(self.0.abs())
    }

    /// This number, or zero if it is negative.
    #[must_use]
    pub fn floor_at_zero(self) -> Self {
        if self.is_negative() { Self::zero() } else { self }
    }

    /// The quotient with [`DIVISION_DIGITS`] fractional digits, half away from zero.
    ///
    /// # Errors
    /// [`DivisionByZero`] when `divisor` is zero.
    pub fn div(&self, divisor: &Self) -> Result<Self, DivisionByZero> {
        self.div_rounded(divisor, DIVISION_DIGITS)
    }

    /// The quotient with `digits` fractional digits, half away from zero, rounded once.
    ///
    /// # Errors
    /// [`DivisionByZero`] when `divisor` is zero.
    pub fn div_rounded(&self, divisor: &Self, digits: u32) -> Result<Self, DivisionByZero> {
        if divisor.is_zero() {
            return Err(DivisionByZero);
        }
        let (dividend, dividend_scale) = self.0.as_bigint_and_scale();
        let (divisor, divisor_scale) = divisor.0.as_bigint_and_scale();
        // q = dividend/divisor · 10^(divisor_scale - dividend_scale); scale both sides to integers, then round once.
        let shift = i64::from(digits) + divisor_scale - dividend_scale;
        let (mut numerator, mut denominator) = (dividend.into_owned(), divisor.into_owned());
        let factor = power_of_ten(shift.abs());
        if shift >= 0 {
            numerator *= factor;
        } else {
            denominator *= factor;
        }
        let negative = (numerator.sign() == Sign::Minus) != (denominator.sign() == Sign::Minus);
        let (numerator, denominator) = (numerator.magnitude(), denominator.magnitude());
        let mut quotient = numerator / denominator;
        let remainder = numerator % denominator;
        if remainder * 2u32 >= *denominator {
            quotient += 1u32;
        }
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        let quotient = BigInt::from_biguint(sign, quotient);
        Ok(Self(BigDecimal::new(quotient, i64::from(digits))))
    }

    /// The largest whole number not above the exact quotient, so that no rounding of the quotient can push it over
    /// a whole number.
    ///
    /// # Errors
    /// [`DivisionByZero`] when `divisor` is zero.
    pub fn div_floor(&self, divisor: &Self) -> Result<Self, DivisionByZero> {
        if divisor.is_zero() {
            return Err(DivisionByZero);
        }
        let (dividend, dividend_scale) = self.0.as_bigint_and_scale();
        let (divisor, divisor_scale) = divisor.0.as_bigint_and_scale();
        let scale = dividend_scale.max(divisor_scale);
        let numerator = dividend.as_ref() * power_of_ten(scale - dividend_scale);
        let denominator = divisor.as_ref() * power_of_ten(scale - divisor_scale);
        let quotient = &numerator / &denominator;
        let is_exact = &quotient * &denominator == numerator;
        let is_negative = (numerator.sign() == Sign::Minus) != (denominator.sign() == Sign::Minus);
        let floor = if is_negative && !is_exact {
            quotient - 1
        } else {
            quotient
        };
        Ok(Self(BigDecimal::new(floor, 0)))
    }

    /// The smallest whole number not below the exact quotient.
    ///
    /// # Errors
    /// [`DivisionByZero`] when `divisor` is zero.
    pub fn div_ceil(&self, divisor: &Self) -> Result<Self, DivisionByZero> {
        Ok(-(-self.clone()).div_floor(divisor)?)
    }

    /// `percentage` per cent of this number: multiplied first, then shifted by two digits, hence exact
    /// (spec 05 §5.1).
    #[must_use]
    pub fn percent(&self, percentage: &Self) -> Self {
        &(self * percentage) * &Self::new(1, 2)
    }

    /// Rounded to `digits` fractional digits, half away from zero.
    #[must_use]
    pub fn round(&self, digits: u32) -> Self {
        self.with_digits(digits, RoundingMode::HalfUp)
    }

    /// Cut towards minus infinity at `digits` fractional digits.
    #[must_use]
    pub fn floor(&self, digits: u32) -> Self {
        self.with_digits(digits, RoundingMode::Floor)
    }

    /// Raised towards plus infinity at `digits` fractional digits.
    #[must_use]
    pub fn ceil(&self, digits: u32) -> Self {
        self.with_digits(digits, RoundingMode::Ceiling)
    }

    fn with_digits(&self, digits: u32, mode: RoundingMode) -> Self {
        if self.0.fractional_digit_count() <= i64::from(digits) {
            return self.clone();
        }
        Self(self.0.with_scale_round(i64::from(digits), mode))
    }

    /// Number of fractional digits without trailing zeros; 0 for integers.
    #[must_use]
    pub fn fraction_digits(&self) -> u32 {
        u32::try_from(self.0.normalized().fractional_digit_count().max(0)).unwrap_or(u32::MAX)
    }

    /// Number of digits before the decimal point; 0 for magnitudes below one.
    #[must_use]
    pub fn integer_digits(&self) -> u32 {
        let whole = self.0.abs().with_scale_round(0, RoundingMode::Down);
        if whole.is_zero() {
            0
        } else {
            u32::try_from(whole.digits()).unwrap_or(u32::MAX)
        }
    }

    /// Plain notation: no exponent, no trailing fractional zeros (spec 01 A7).
    #[must_use]
    pub fn to_plain_string(&self) -> String {
        self.0.normalized().to_plain_string()
    }

    /// The inner representation, for storage.
    #[must_use]
    pub fn as_big_decimal(&self) -> &BigDecimal {
        &self.0
    }
}

fn power_of_ten(exponent: i64) -> BigInt {
    // Scales stay far below 2^32: inputs have at most INPUT_SCALE_MAX digits and a formula multiplies a handful.
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

impl From<BigDecimal> for Decimal {
    fn from(value: BigDecimal) -> Self {
        Self(value)
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Decimal {
            fn from(value: $integer) -> Self {
                Self(BigDecimal::from(value))
            }
        }
    )*};
}
from_integer!(i32, i64, i128, u32, u64);

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > INPUT_CHARS_MAX {
            return Err(ParseDecimalError::Range);
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (digits, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return Err(ParseDecimalError::Syntax);
        }
        let scale = i64::try_from(fraction.len()).map_err(|_| ParseDecimalError::Range)? - exponent;
        if scale.abs() > INPUT_SCALE_MAX {
            return Err(ParseDecimalError::Range);
        }
        let magnitude = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| ParseDecimalError::Syntax)?;
        let value = BigDecimal::new(magnitude, scale);
        Ok(Self(if text.starts_with('-') { -value } else { value }))
    }
}

fn parse_exponent(text: &str) -> Result<i64, ParseDecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseDecimalError::Syntax);
    }
    text.parse().map_err(|_| ParseDecimalError::Range)
}

impl fmt::Display for Decimal {
    /// Plain notation: no exponent, no trailing fractional zeros, no leading `+` (spec 01 A7).
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.to_plain_string())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

macro_rules! exact_operator {
    ($($operator:ident $method:ident),*) => {$(
        impl $operator for Decimal {
            type Output = Decimal;
            fn $method(self, other: Decimal) -> Decimal {
                Decimal($operator::$method(self.0, other.0))
            }
        }
        impl<'a> $operator<&'a Decimal> for &'a Decimal {
            type Output = Decimal;
            fn $method(self, other: &'a Decimal) -> Decimal {
                Decimal($operator::$method(&self.0, &other.0))
            }
        }
        impl $operator<&Decimal> for Decimal {
            type Output = Decimal;
            fn $method(self, other: &Decimal) -> Decimal {
                Decimal($operator::$method(self.0, &other.0))
            }
        }
    )*};
}
exact_operator!(Add add, Sub sub, Mul mul);

impl Neg for Decimal {
    type Output = Decimal;
    fn neg(self) -> Decimal {
        Decimal(-self.0)
    }
}

impl AddAssign<&Decimal> for Decimal {
    fn add_assign(&mut self, other: &Decimal) {
        self.0 += &other.0;
    }
}

impl SubAssign<&Decimal> for Decimal {
    fn sub_assign(&mut self, other: &Decimal) {
        self.0 -= &other.0;
    }
}

impl Sum for Decimal {
    fn sum<I: Iterator<Item = Decimal>>(values: I) -> Decimal {
        values.fold(Decimal::zero(), |total, value| total + value)
    }
}

impl<'a> Sum<&'a Decimal> for Decimal {
    fn sum<I: Iterator<Item = &'a Decimal>>(values: I) -> Decimal {
        values.fold(Decimal::zero(), |total, value| total + value)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    /// Accepts a JSON string or a JSON number, exponent form included (spec 01 A7).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            _ => return Err(de::Error::custom("a decimal must be a JSON string or number")),
        };
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Decimal {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Decimal {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn prints_the_shortest_plain_form() {
        for (input, output) in [
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("0.00", "0"),
            ("-0.250", "-0.25"),
            ("+5", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0", "0"),
        ] {
            assert_eq!(decimal(input).to_string(), output, "{input}");
        }
    }

    #[test]
    fn a_quotient_is_rounded_once() {
        for (dividend, divisor, digits, quotient) in [
            ("1", "3", 2, "0.33"),
            ("1", "200", 2, "0.01"),
            ("-1", "200", 2, "-0.01"),
            // With 16 digits first it would be 0.005, and then 0.01.
            ("0.00499999999999999999", "1", 2, "0"),
            ("1234567", "1000", 2, "1234.57"),
        ] {
            let rounded = decimal(dividend).div_rounded(&decimal(divisor), digits).unwrap();
            assert_eq!(rounded.to_string(), quotient, "{dividend} / {divisor}");
        }
        assert!(decimal("1").div_rounded(&Decimal::zero(), 2).is_err());
    }

    #[test]
    fn refuses_what_is_no_number() {
        for input in [
            "", " 42", "1,000", "0x10", "NaN", ".", "1e", "1e+", "--1", "1.2.3", "e5",
        ] {
            assert_eq!(Decimal::from_str(input), Err(ParseDecimalError::Syntax), "{input}");
        }
        assert_eq!(Decimal::from_str("1e101"), Err(ParseDecimalError::Range));
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (input, digits, output) in [
            ("0.005", 2, "0.01"),
            ("-0.005", 2, "-0.01"),
            ("31.5", 0, "32"),
            ("0.0049", 2, "0"),
            ("2.5", 0, "3"),
        ] {
            assert_eq!(decimal(input).round(digits), decimal(output), "{input}");
        }
    }

    #[test]
    fn divides_to_sixteen_digits() {
        for (dividend, divisor, quotient) in [
            ("1", "3", "0.3333333333333333"),
            ("2", "3", "0.6666666666666667"),
            ("-2", "3", "-0.6666666666666667"),
            ("1468799", "2678399", "0.5483869281611888"),
            ("1e20", "8", "12500000000000000000"),
            ("0", "7", "0"),
        ] {
            assert_eq!(
                decimal(dividend).div(&decimal(divisor)).unwrap(),
                decimal(quotient),
                "{dividend}/{divisor}"
            );
        }
        assert_eq!(Decimal::one().div(&Decimal::zero()), Err(DivisionByZero));
    }

    #[test]
    fn whole_quotients_are_exact() {
        for (dividend, divisor, floor, ceil) in [
            ("1000.0000000000000001", "1000", "1", "2"),
            ("1000", "1000", "1", "1"),
            ("-1", "3", "-1", "0"),
            ("0.5", "0.25", "2", "2"),
            ("7", "-2", "-4", "-3"),
        ] {
            assert_eq!(decimal(dividend).div_floor(&decimal(divisor)).unwrap(), decimal(floor));
            assert_eq!(decimal(dividend).div_ceil(&decimal(divisor)).unwrap(), decimal(ceil));
        }
        assert_eq!(Decimal::one().div_floor(&Decimal::zero()), Err(DivisionByZero));
    }

    #[test]
    fn reads_strings_and_numbers_from_json() {
        for json in ["1.5", "\"1.5\"", "15e-1", "\"1.50\""] {
            assert_eq!(serde_json::from_str::<Decimal>(json).unwrap(), decimal("1.5"), "{json}");
        }
        assert!(serde_json::from_str::<Decimal>("\"\"").is_err());
        assert!(serde_json::from_str::<Decimal>("true").is_err());
    }
}
