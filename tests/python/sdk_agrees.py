"""A client that nobody here wrote: creates, gets, lists and deletes at the emulator named by an emulator.json."""

import json
import sys
import time

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.azurestack import AzureStackManagementClient


class Given:
    """A credential that gives the emulator's token."""

    def __init__(self, token):
        self.token = token

    def get_token(self, *scopes, **kwargs):
        return AccessToken(self.token, int(time.time()) + 3600)


def expect(what, seen, expected):
    assert seen == expected, f"{what}: {seen!r}, expected {expected!r}"
    print(f"ok: {what}")


with open(sys.argv[1], encoding="utf-8") as file:
    there = json.load(file)
client = AzureStackManagementClient(
    Given(there["token"]),
    there["subscriptionId"],
    base_url=there["armEndpoint"].rstrip("/"),
    credential_scopes=[there["armEndpoint"] + ".default"],
    connection_verify=there["caFile"],
)
registration = (there["resourceGroup"], there["registrationName"])
mappings = client.customer_subscriptions
customers = [f"11111111-2222-4333-8444-{number:012}" for number in (1, 2)]
tenants = [f"99999999-2222-4333-8444-{number:012}" for number in (1, 2)]

expect("a list of none is empty", list(mappings.list(*registration)), [])
for customer, tenant in zip(customers, tenants):
    made = mappings.create(*registration, customer, {"properties": {"tenantId": tenant}})
    expect(f"create gives the tenant of {customer}", made.tenant_id, tenant)
expect("get gives it again", mappings.get(*registration, customers[0]).tenant_id, tenants[0])
listed = sorted((item.name.rsplit("/", 1)[-1], item.tenant_id) for item in mappings.list(*registration))
expect("list gives both", listed, sorted(zip(customers, tenants)))
mappings.delete(*registration, customers[0])
expect("delete leaves the other", [item.tenant_id for item in mappings.list(*registration)], [tenants[1]])
try:
    mappings.get(*registration, customers[0])
    raise AssertionError("a deleted mapping was got")
except ResourceNotFoundError as error:
    expect("getting a deleted one is not found", error.error.code, "CustomerSubscriptionNotFound")
try:
    mappings.list(there["resourceGroup"], "no-such-registration").next()
    raise AssertionError("an unknown registration was listed")
except HttpResponseError as error:
    expect("an unknown registration is an error", error.error.code, "RegistrationNotFound")
