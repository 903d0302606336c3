"""The SDK of PyPI, azure-mgmt-azurestack: sdk.py sync|async EMULATOR.JSON COUNT AT_ONCE."""

import asyncio
import json
import resource
import sys
import time

from azure.core.credentials import AccessToken


class Given:
    """A credential that gives the emulator's token."""

    def __init__(self, token):
        self.token = AccessToken(token, int(time.time()) + 3600)

    def get_token(self, *scopes, **kwargs):
        return self.token


class GivenAsync(Given):
    """The same for the asynchronous client."""

    async def get_token(self, *scopes, **kwargs):
        return self.token


def customer(number):
    """A customer subscription by number, as the other programs number them."""
    return f"c0000000-0000-4000-8000-{number:012x}"


def options(there):
    return {
        "base_url": there["armEndpoint"].rstrip("/"),
        "credential_scopes": [there["armEndpoint"] + ".default"],
    }


def add_one_by_one(there, count):
    from azure.mgmt.azurestack import AzureStackManagementClient

    client = AzureStackManagementClient(Given(there["token"]), there["subscriptionId"], connection_verify=there["caFile"], **options(there))
    registration = (there["resourceGroup"], there["registrationName"])
    for number in range(count):
        client.customer_subscriptions.create(*registration, customer(number), {})


async def add_side_by_side(there, count, at_once):
    from azure.mgmt.azurestack.aio import AzureStackManagementClient

    # Given the CA's file, it would read it anew for each request: this one finds it in SSL_CERT_FILE.
    client = AzureStackManagementClient(GivenAsync(there["token"]), there["subscriptionId"], **options(there))
    registration = (there["resourceGroup"], there["registrationName"])
    numbers = iter(range(count))

    async def add_while_there_are():
        for number in numbers:
            await client.customer_subscriptions.create(*registration, customer(number), {})

    async with client:
        await asyncio.gather(*(add_while_there_are() for _ in range(at_once)))


kind, file, count, at_once = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with open(file, encoding="utf-8") as text:
    emulator = json.load(text)
began, spent = time.monotonic(), time.process_time()
if kind == "sync":
    add_one_by_one(emulator, count)
else:
    asyncio.run(add_side_by_side(emulator, count, at_once))
seconds, cpu = time.monotonic() - began, time.process_time() - spent
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
peak_kib = peak // 1024 if sys.platform == "darwin" else peak
# A refused add raises, and ends this.
print(f"adds={count} failed=0 seconds={seconds:.4f} cpu_seconds={cpu:.4f} peak_kib={peak_kib}")
