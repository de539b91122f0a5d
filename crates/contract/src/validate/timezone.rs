//! The time zone rule (spec 01 B1).

use jiff::tz::TimeZone;

/// Longest zone name, in characters.
const NAME_CHARS_MAX: usize = 50;

/// Whether `name` is `UTC` or a name of the IANA database, links included, spelled exactly.
/// `Local`, offsets and abbreviations that are no zone names are refused.
#[must_use]
pub fn is_timezone(name: &str) -> bool {
    if name == "UTC" {
        return true;
    }
    if name.len() > NAME_CHARS_MAX {
        return false;
    }
    // The database looks names up in any letter case and answers with its own spelling.
    TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::is_timezone;

    #[test]
    fn table() {
        for good in [
            "UTC",
            "Europe/Berlin",
            "US/Pacific",
            "EST",
            "Etc/GMT+5",
            "Asia/Kolkata",
            "Asia/Calcutta",
            "America/Argentina/ComodRivadavia",
        ] {
            assert!(is_timezone(good), "{good}");
        }
        for bad in [
            "",
            "Local",
            "local",
            "LOCAL",
            "+05:30",
            "UTC+1",
            "IST",
            "PST",
            "utc",
            "europe/berlin",
            "Europe/berlin",
            "Europe/Atlantis",
            "Etc/Unknown",
            "../../etc/passwd",
            " UTC",
        ] {
            assert!(!is_timezone(bad), "{bad}");
        }
    }
}
