//! Currencies: precision, display symbol and money rounding (spec 03 §2.2).

use serde::{Deserialize, Serialize};

use crate::Decimal;

/// A lower-case three-character currency code. Unknown codes are accepted; they have two digits and no symbol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(String);

/// The code does not have exactly three characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency code has exactly three characters")]
pub struct InvalidCurrency;

impl Currency {
    /// Accepts any letter case.
    ///
    /// # Errors
    /// [`InvalidCurrency`] unless `code` has exactly three characters, in lower case too.
    pub fn parse(code: &str) -> Result<Self, InvalidCurrency> {
        let lower = code.to_lowercase();
        if code.chars().count() == 3 && lower.chars().count() == 3 {
            Ok(Self(lower))
        } else {
            Err(InvalidCurrency)
        }
    }

    /// The lower-case code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// Fractional digits of an amount of money in this currency.
    #[must_use]
    pub fn digits(&self) -> u32 {
        match self.0.as_str() {
            "jpy" | "krw" | "vnd" | "clp" => 0,
            "kwd" => 3,
            "clf" => 4,
            listed if LISTED_SYMBOLS.iter().any(|(code, _)| *code == listed) => 2,
            // ISO 4217 exponents of currencies outside the table (spec 03 Q16).
            "bif" | "djf" | "gnf" | "isk" | "kmf" | "pyg" | "rwf" | "ugx" | "uyi" | "vuv" | "xaf" | "xof" | "xpf" => 0,
            "bhd" | "iqd" | "jod" | "lyd" | "omr" | "tnd" => 3,
            "uyw" => 4,
            _ => 2,
        }
    }

    /// What precedes an amount shown to a person; the upper-case code for currencies outside the table.
    #[must_use]
    pub fn symbol(&self) -> String {
        LISTED_SYMBOLS
            .iter()
            .find(|(code, _)| *code == self.0)
            .map_or_else(|| self.0.to_uppercase(), |(_, symbol)| (*symbol).to_owned())
    }

    /// `amount` rounded to this currency's digits, half away from zero.
    #[must_use]
    pub fn round(&self, amount: &Decimal) -> Decimal {
        amount.round(self.digits())
    }

    /// The symbol immediately followed by the unrounded amount, such as `$12.5`.
    #[must_use]
    pub fn display(&self, amount: &Decimal) -> String {
        format!("{}{amount}", self.symbol())
    }
}

/// Symbols of spec 03 §2.2.
const LISTED_SYMBOLS: [(&str, &str); 36] = [
    ("jpy", "¥"),
    ("krw", "₩"),
    ("vnd", "₫"),
    ("clp", "CLP$"),
    ("usd", "$"),
    ("eur", "€"),
    ("gbp", "£"),
    ("aud", "AUS"),
    ("cad", "CAD"),
    ("inr", "₹"),
    ("idr", "Rp"),
    ("sgd", "S$"),
    ("thb", "฿"),
    ("myr", "RM"),
    ("php", "₱"),
    ("hkd", "HK$"),
    ("nzd", "NZ$"),
    ("brl", "R$"),
    ("chf", "CHF"),
    ("cny", "CN¥"),
    ("czk", "CZK"),
    ("dkk", "DKK"),
    ("huf", "HUF"),
    ("ils", "₪"),
    ("mxn", "MX$"),
    ("nok", "NOK"),
    ("pln", "PLN"),
    ("ron", "RON"),
    ("rub", "₽"),
    ("sar", "SAR"),
    ("sek", "SEK"),
    ("try", "TRY"),
    ("twd", "NT$"),
    ("zar", "ZAR"),
    ("kwd", "KD"),
    ("clf", "CLF"),
];
