using System;
using System.Security;
using System.Threading;
using System.Threading.Tasks;
using Azs.Registration.Native;
using Xunit;

namespace Azs.Registration.Tests;

/// <summary>The managed half over the built library. Nothing listens where the requests go.</summary>
public sealed class NativeLibraryTests
{
    private const string Subscription = "dd8597b4-8739-4467-8b10-f8679f62bfbf";
    private const string Customer = "E09A4E93-29A7-4EBA-A6D4-76202383F07F";

    private static readonly Lazy<NativeApi> Api = new(() => new NativeLibraryLoader(
        AppContext.BaseDirectory, NativeLibraryFactAttribute.Library, RuntimePlatform.Current, DynamicLinker.ForThisSystem).Load());

    private static readonly TenantTarget Registration = new()
    {
        RegistrationSubscriptionId = Subscription,
        ResourceGroupName = "azurestack",
        RegistrationName = "azurestack-1",
    };

    [NativeLibraryFact]
    public void It_has_the_version_of_the_module()
    {
        using Client client = Client();

        Assert.StartsWith(typeof(NativeApi).Assembly.GetName().Version!.ToString(3), client.LibraryVersion, StringComparison.Ordinal);
    }

    [NativeLibraryFact]
    public void A_refused_configuration_says_why()
    {
        ErrorInfo error = Assert.Throws<RefusedException>(
            () => new Client(Api.Value, new ClientOptions { ArmEndpoint = "http://localhost" })).Error;

        Assert.Equal((ErrorKind.Input, "ArmEndpoint"), (error.Kind, error.Column));
        Assert.NotEmpty(error.Message);
    }

    [NativeLibraryFact]
    public void A_token_that_is_none_is_refused()
    {
        using Client client = Client();
        using SecureString blank = new();

        ErrorInfo error = Assert.Throws<RefusedException>(() => client.SetAccessToken(blank, null)).Error;

        Assert.Equal(("InvalidAccessToken", "AccessToken"), (error.Code, error.Column));
    }

    [NativeLibraryFact]
    public void A_target_is_combined_with_the_default_registration()
    {
        using Client client = Client();
        using Operation operation = client.NewOperation(new OperationOptions { DefaultRegistration = Registration });

        Mapping mapping = operation.Resolve(Purpose.Add, new TenantTarget { CustomerSubscriptionId = Customer });

        Assert.Equal((Subscription, "azurestack", "azurestack-1"), (mapping.RegistrationSubscriptionId, mapping.ResourceGroupName, mapping.RegistrationName));
        Assert.Equal(Customer, mapping.CustomerSubscriptionId, ignoreCase: true);
        Assert.Null(mapping.TenantId);
    }

    [NativeLibraryFact]
    public void A_refused_target_names_row_and_column()
    {
        using Client client = Client();
        using Operation operation = client.NewOperation(new OperationOptions { DefaultRegistration = Registration });

        ErrorInfo error = Assert.Throws<RefusedException>(
            () => operation.Resolve(Purpose.Add, new TenantTarget { CustomerSubscriptionId = "junk", Row = 12 })).Error;

        Assert.Equal((ErrorKind.Input, "CustomerSubscriptionId", 12L), (error.Kind, error.Column, error.Row));
        Assert.Contains("12", error.Message, StringComparison.Ordinal);
    }

    [NativeLibraryFact]
    public void A_request_ends_with_one_event_and_then_nothing_is_outstanding()
    {
        using Client client = Client();
        using Operation operation = client.NewOperation(new OperationOptions { DefaultRegistration = Registration });

        // There is no credential: it fails without a connection.
        Assert.Equal(Submission.Accepted, operation.Get(7, new TenantTarget { CustomerSubscriptionId = Customer, Row = 3 }));

        RequestFinished finished = Pull(operation);
        Assert.Equal((7ul, Outcome.Failed, 3L), (finished.Tag, finished.Outcome, finished.Row));
        Assert.Equal(ErrorKind.Authentication, finished.Error!.Kind);
        Assert.Equal(Customer, finished.Mapping.CustomerSubscriptionId, ignoreCase: true);
        Assert.Equal(Status.Idle, operation.Next(TimeSpan.Zero, out _));
    }

    [NativeLibraryFact]
    public void Submitting_never_blocks()
    {
        using Client client = Client();
        using Operation operation = client.NewOperation(new OperationOptions { DefaultRegistration = Registration, MaxOutstanding = 1 });
        TenantTarget target = new() { CustomerSubscriptionId = Customer };

        Assert.Equal(Submission.Accepted, operation.Remove(1, target));
        Assert.Equal(Submission.Full, operation.Add(2, target, Expectation.Exactly, Customer, preserveCase: true));
        Pull(operation);
        Assert.Equal(Submission.Accepted, operation.List(2, new TenantTarget()));
    }

    [NativeLibraryFact]
    public async Task Cancelling_from_another_thread_wakes_the_pull_and_freeing_beside_it_is_safe()
    {
        using Client client = Client();
        Operation operation = client.NewOperation(new OperationOptions { DefaultRegistration = Registration });
        SetToken(client);
        operation.List(1, new TenantTarget());
        using ManualResetEventSlim pulling = new();
        Task pull = Task.Run(() =>
        {
            pulling.Set();
            try
            {
                // Only the cancellation or the end of the handle ends this wait.
                while (operation.Next(TimeSpan.FromDays(1), out OperationEvent? next) == Status.Event && next is not RequestFinished)
                {
                }
            }
            catch (ObjectDisposedException)
            {
                // The handle went between two pulls.
            }
        });
        pulling.Wait();

        operation.Cancel();
        operation.Dispose();
        client.Dispose();

        await pull;
        operation.Cancel();
        Assert.Throws<ObjectDisposedException>(() => operation.Next(TimeSpan.Zero, out _));
    }

    [NativeLibraryFact]
    public void A_cancelled_operation_takes_no_more_and_runs_dry()
    {
        using Client client = Client();
        using Operation operation = client.NewOperation(new OperationOptions { DefaultRegistration = Registration });
        operation.Cancel();

        Assert.Equal(Submission.Cancelled, operation.List(1, new TenantTarget()));
        Assert.Equal(Status.Drained, operation.Next(TimeSpan.FromSeconds(5), out _));
    }

    private static Client Client() => new(Api.Value, new ClientOptions { ArmEndpoint = "https://127.0.0.1:9/", Caller = "Tests/1.0" });

    private static void SetToken(Client client)
    {
        using SecureString token = new();
        foreach (char letter in "not.a.token")
        {
            token.AppendChar(letter);
        }

        client.SetAccessToken(token, DateTimeOffset.UtcNow.AddHours(1));
    }

    private static RequestFinished Pull(Operation operation)
    {
        for (int i = 0; i < 100; i++)
        {
            operation.Next(TimeSpan.FromSeconds(10), out OperationEvent? next);
            if (next is RequestFinished finished)
            {
                return finished;
            }
        }

        throw new InvalidOperationException("The request did not end.");
    }
}
