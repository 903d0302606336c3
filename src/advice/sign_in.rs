//! What goes wrong in a sign-in. Sources of the codes that begin with AADSTS: "Microsoft Entra authentication and
//! authorization error codes" (reference-error-codes).

use super::table::{Known, advised, explained};

pub(super) const SIGN_IN: &[Known] = &[
    advised(
        "AADSTS50027",
        "The assertion, or the token of another identity provider, is not well formed.",
        "Give a file that holds the token and nothing else.",
    ),
    advised(
        "AADSTS700016",
        "The directory does not know the application.",
        "Compare the application's id, and the directory that is signed in to, with the app registration.",
    ),
    advised("AADSTS700024", "The assertion is not valid now.", "Check this machine's date and time."),
    advised(
        "AADSTS700027",
        "The application's certificate was not accepted: it is not one of the application's, or has expired. The message says \
         which.",
        "Upload the certificate to the app registration, or give one that is there and has not expired.",
    ),
    advised(
        "AADSTS700211",
        "The application trusts no identity provider that the token is from.",
        "Compare issuer, subject and audience of the token with the application's federated credentials.",
    ),
    advised(
        "AADSTS7000215",
        "The secret is wrong.",
        "Give the value of the secret, not its id. It is shown once, when it is made; make a new one if it is lost.",
    ),
    advised(
        "AADSTS7000222",
        "The secret has expired.",
        "Make a new secret in the app registration, and give that one.",
    ),
    advised(
        "AADSTS90002",
        "There is no such directory.",
        "Compare the directory's id, and check that it is one of this cloud.",
    ),
    explained("ApplicationIdNotValid", "The id of the application is not a GUID, or has no use here."),
    advised(
        "AzureCliFailed",
        "The Azure CLI gave no token; the message says why.",
        "Run az login, and check that az account get-access-token gives a token.",
    ),
    explained("CertificateKeyNotRsa", "The key of the certificate is not RSA."),
    explained("CertificateKeySize", "The key of the certificate is too short or too long."),
    explained("CertificateMissing", "The file holds a key and no certificate."),
    advised(
        "CertificateNotReadable",
        "The file of the certificate cannot be read.",
        "Check the path, and that the account may read the file. With a certificate in the store of Windows sign in by \
         Connect-AzAccount, and give its token.",
    ),
    explained("CertificateNotUnderstood", "The file is neither PFX nor PEM, or is broken."),
    explained("CertificateOfAnotherKey", "The certificates of the file do not belong to its key."),
    explained("CertificatePasswordMissing", "The file is encrypted, and no password was given."),
    explained("CertificatePasswordWrong", "The password does not open the file."),
    explained("CertificateWithoutKey", "The file holds no private key that could be used."),
    advised(
        "FederatedTokenNotReadable",
        "The file with the token of another identity provider cannot be read, or holds something else.",
        "Check the path, and that whoever writes the file has done so.",
    ),
    explained(
        "ManagedIdentityNotValid",
        "The endpoint of the managed identity is not one next to this machine.",
    ),
    advised(
        "ManagedIdentityRefused",
        "The endpoint of the managed identity gave no token; the message says why.",
        "Check that the machine or service has a managed identity, and that the client id is one of its identities.",
    ),
    explained("SignInAmbiguous", "Something was given that the chosen way to sign in has no use for."),
    advised(
        "SignInAnswerNotUnderstood",
        "What answered is not the sign-in service.",
        "Most likely a proxy answered. Check the sign-in endpoint, and what a proxy does.",
    ),
    advised(
        "SignInFailed",
        "Signing in failed; the message says why.",
        "Check the directory, the application and what it signs in with.",
    ),
    explained("SignInIncomplete", "The chosen way to sign in needs something that was not given."),
    advised("SignInServiceFailed", "The sign-in service failed.", "Run the same again later."),
    explained("SignInTenantIdNotValid", "The directory is neither a GUID nor a domain name."),
    advised(
        "SignInTenantNotSaid",
        "It could not be learned which directory the subscription belongs to.",
        "Name the directory to sign in to.",
    ),
    explained("SubscriptionIdNotValid", "The subscription is not a GUID."),
];
