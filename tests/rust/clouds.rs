//! Endpoints and api-versions.

use azs_registration::cloud::{ApiVersion, Cloud};

#[test]
fn an_endpoint_is_https_and_nothing_but_a_host() {
    assert!(Cloud::new(Some(" https://management.local.azurestack.external:30024 "), None).is_ok());
    for (given, why) in [
        ("http://management.azure.com/", "https"),
        ("management.azure.com", "not a URL"),
        ("https://management.azure.com/subscriptions", "after the host"),
        ("https://management.azure.com/?x=1", "after the host"),
        ("", "not a URL"),
    ] {
        let error = Cloud::new(Some(given), None).unwrap_err();
        assert_eq!(
            (error.code(), error.parts().column.as_deref()),
            ("EndpointNotValid", Some("ArmEndpoint"))
        );
        assert!(error.parts().message.contains(why) && error.parts().message.contains("Expected"), "{error}");
    }
}

#[test]
fn a_password_in_an_endpoint_is_refused_and_not_repeated() {
    for given in ["https://user:s3cret@host/", "http://user:s3cret@host/", "https://user:s3cret@host:99999/"]
    {
        let error = Cloud::new(None, Some(given)).unwrap_err();
        assert_eq!(error.code(), "EndpointNotValid");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

#[test]
fn an_api_version_is_a_date_and_a_profile_is_explained() {
    for given in ["2017-06-01", " 2022-06-01", "2020-06-01-preview"] {
        assert_eq!(given.parse::<ApiVersion>().unwrap().to_string(), given.trim());
    }
    for given in ["", "latest", "2017-6-1", "2017-06-01-", "2017-06-01&x=1", "é017-06-01"] {
        assert_eq!(given.parse::<ApiVersion>().unwrap_err().code(), "ApiVersionNotValid", "{given}");
    }
    for given in ["2017-09-03", "2017-03-09-profile", "2019-03-01-hybrid"] {
        let error = given.parse::<ApiVersion>().unwrap_err();
        assert_eq!(error.code(), "ApiVersionIsProfile");
        assert!(error.parts().message.contains("2017-06-01"));
    }
}
