//! The e-mail rule (spec 01 B1).

/// Whether `text` is one address without display name: a dot-atom, `@`, a domain of at least two labels.
/// Quoted local parts are not supported.
#[must_use]
pub fn is_email(text: &str) -> bool {
    text.rsplit_once('@')
        .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain))
}

fn is_local_part(local: &str) -> bool {
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

fn is_atom_character(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character)
    } else {
        character.is_alphabetic()
    }
}

fn is_domain(domain: &str) -> bool {
    let mut labels = domain.split('.');
    let last_is_a_word = labels
        .next_back()
        .is_some_and(|last| is_label(last) && last.starts_with(is_letter) && last.ends_with(is_letter));
    let mut others = labels.peekable();
    last_is_a_word && others.peek().is_some() && others.all(is_label)
}

fn is_label(label: &str) -> bool {
    label.starts_with(is_letter_or_digit)
        && label.ends_with(is_letter_or_digit)
        && label
            .chars()
            .all(|character| is_letter_or_digit(character) || character == '-')
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic()
}

fn is_letter_or_digit(character: char) -> bool {
    character.is_alphabetic() || character.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn table() {
        for good in [
            "a@b.co",
            "first.last+tag@mail.example.com",
            "o'neil_{x}@ex-ample.org",
            "jörg@münchen.de",
            "a@1.example",
            "a@b.c1d",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.co",
            "a@",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.de",
            "a b@c.de",
            "A <a@b.co>",
            "a@b.co.",
            "a@-b.co",
            "a@b-.co",
            "a@b..co",
            "a@b.c1",
            "a@b.1c",
            "a@b.123",
            "a@b@c.de",
            "a@b_c.de",
            "a@[1.2.3.4]",
            "a@b.co ",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
