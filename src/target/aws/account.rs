//! AWS account numbers where they can be read without asking AWS: in ARNs, in
//! queue URLs, and in the ids of access keys. Pure.

/// The account in an ARN (`arn:aws:rds:eu-west-1:123456789012:db:main`), if
/// it names one.
pub fn in_arn(text: &str) -> Option<&str> {
    let mut parts = text.splitn(6, ':');
    let arn = parts.next()? == "arn" && parts.next()?.starts_with("aws");
    let account = parts.nth(2)?;
    (arn && is_account(account)).then_some(account)
}

/// The account in a queue's URL (`https://sqs…/123456789012/jobs`).
pub fn in_queue_url(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let mut parts = rest.split('/');
    let host = parts.next()?;
    let account = parts.next()?;
    (host.contains("sqs") || host.contains("queue")).then_some(account).filter(|id| is_account(id))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account that an access key belongs to. Since 2019 the sixteen letters
/// behind AKIA (a user's key) or ASIA (a session's) are base32 of a number
/// that holds it; older keys, which begin with I or J there, hold nothing.
pub fn of_key(key: &str) -> Option<String> {
    let letters = key.strip_prefix("AKIA").or_else(|| key.strip_prefix("ASIA"))?;
    if letters.len() != 16 || letters.starts_with(['I', 'J']) {
        return None;
    }
    let mut bits: u128 = 0;
    for letter in letters.bytes() {
        let digit = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u128::from(digit);
    }
    // The first six of the ten bytes; all but their first bit and last seven.
    let account = (bits >> 32 & 0x7fff_ffff_ff80) >> 7;
    (account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_name_their_account() {
        assert_eq!(in_arn("arn:aws:iam::123456789012:role/x"), Some("123456789012"));
        assert_eq!(in_arn("arn:aws-cn:sqs:cn-north-1:123456789012:q"), Some("123456789012"));
        assert_eq!(in_arn("arn:aws:s3:::bucket"), None);
        assert_eq!(in_arn("arn:aws:ec2:eu-west-1::snapshot/snap-1"), None);
        assert_eq!(in_arn("arn:aws"), None);
        assert_eq!(in_arn("123456789012"), None);
    }

    #[test]
    fn queue_urls_name_their_account() {
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";
        assert_eq!(in_queue_url(url), Some("123456789012"));
        assert_eq!(in_queue_url("https://example.com/123456789012/jobs"), None);
        assert_eq!(in_queue_url("jobs"), None);
    }

    #[test]
    fn keys_hold_their_account() {
        // Published answers for keys that were published long ago.
        assert_eq!(of_key("ASIAY34FZKBOKMUTVV7A").as_deref(), Some("609629065308"));
        assert_eq!(of_key("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
        // AWS's own example, of the old kind.
        assert_eq!(of_key("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(of_key("AKIA"), None);
        assert_eq!(of_key("AKIAY34FZKBOKMUTVV71"), None);
        assert_eq!(of_key("AROAY34FZKBOKMUTVV7A"), None);
    }
}
