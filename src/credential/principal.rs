//! Who a token was issued to.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// Who a token was issued to, as it says itself: its claims are read, and verified by the service alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Principal {
    /// The name of a user (`upn`, `unique_name`), else the application id (`appid`, `azp`).
    pub name: Option<String>,
    /// The object id in the directory.
    pub oid: Option<String>,
    /// The directory.
    pub tid: Option<String>,
}

/// Issuers leave the padding out (RFC 7515); it does no harm.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Principal {
    /// Reads the claims of a token (RFC 7519; "Access token claims reference" of the Microsoft identity platform). `None`
    /// where it is no JWT, or names nobody.
    pub(super) fn of(token: &str) -> Option<Principal> {
        let mut parts = token.split('.');
        let (_header, claims) = (parts.next()?, parts.next()?);
        let is_jwt = parts.next().is_some() && parts.next().is_none();
        let claims = if is_jwt { Zeroizing::new(BASE64.decode(claims).ok()?) } else { return None };
        let claims: Map<String, Value> = serde_json::from_slice(&claims).ok()?;
        let one_of = |names: &[&str]| {
            let said = |name: &&str| claims.get(*name)?.as_str().filter(|said| !said.is_empty());
            names.iter().find_map(said).map(str::to_owned)
        };
        let name = one_of(&["upn", "unique_name", "appid", "azp"]);
        let principal = Principal { name, oid: one_of(&["oid"]), tid: one_of(&["tid"]) };
        (principal != Principal { name: None, oid: None, tid: None }).then_some(principal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(claims: &str) -> Option<Principal> {
        Principal::of(&format!("e30.{}.signature", BASE64.encode(claims)))
    }

    fn principal(name: Option<&str>, oid: Option<&str>) -> Option<Principal> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(Principal { name: owned(name), oid: owned(oid), tid: Some("t".to_owned()) })
    }

    #[test]
    fn a_user_comes_before_the_application_that_the_user_signed_in_with() {
        let rows = [
            (
                r#"{"upn":"a@b.c","unique_name":"d","appid":"e","oid":"o","tid":"t"}"#,
                Some("a@b.c"),
                Some("o"),
            ),
            (r#"{"upn":"","unique_name":"d","appid":"e","tid":"t"}"#, Some("d"), None),
            (r#"{"appid":"e","azp":"f","oid":"o","tid":"t"}"#, Some("e"), Some("o")),
            (r#"{"azp":"f","tid":"t","upn":7}"#, Some("f"), None),
            (r#"{"tid":"t","oid":["o"]}"#, None, None),
        ];
        for (claims, name, oid) in rows {
            assert_eq!(of(claims), principal(name, oid), "{claims}");
        }
    }

    #[test]
    fn what_names_nobody_is_no_principal() {
        for claims in ["{}", "[]", "no json", r#"{"upn":""}"#] {
            assert_eq!(of(claims), None, "{claims}");
        }
        let claims = BASE64.encode(r#"{"upn":"a"}"#);
        for token in ["opaque", "", &claims, &format!("e30.{claims}"), &format!("a.{claims}.b.c"), "a.%%.b"] {
            assert_eq!(Principal::of(token), None, "{token}");
        }
    }
}
