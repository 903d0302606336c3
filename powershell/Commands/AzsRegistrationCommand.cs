using System;
using System.Management.Automation;
using Azs.Registration.Interaction;
using Azs.Registration.Native;

namespace Azs.Registration.Commands;

/// <summary>What all commands of the module share: their preferences, and how they tell errors.</summary>
public abstract class AzsRegistrationCommand : PSCmdlet
{
    private CommandPreferences? preferences;

    private protected AzsRegistrationCommand()
    {
    }

    private protected CommandPreferences Preferences => preferences ??= new CommandPreferences(this);

    private protected ErrorRecord RecordOf(ErrorInfo error, object? target, Exception? inner = null) =>
        ErrorRecordFactory.Create(Advice.Complete(error), target, Preferences.ViewHidesRecommendedAction, inner);

    /// <summary>Ends the command: nothing that follows could work.</summary>
    private protected virtual void EndWith(ErrorInfo error, object? target = null, Exception? inner = null) =>
        ThrowTerminatingError(RecordOf(error, target, inner));

    /// <summary>The library, or the end of the command with all that was tried.</summary>
    private protected NativeApi LoadLibrary()
    {
        try
        {
            return NativeLibraryLoader.Api;
        }
        catch (NativeLibraryException failure)
        {
            EndWith(new ErrorInfo(ErrorKind.NotFound, "NativeLibraryNotLoaded", failure.Message), inner: failure);
            throw;
        }
    }

    /// <summary>The registration's subscription from its two parameters on the command line.</summary>
    /// <remarks>
    /// -SubscriptionId is no alias: aliases bind by property name too, and a column of that name means the customer's
    /// subscription to most people.
    /// </remarks>
    private protected string? SubscriptionOfRegistration(string? registrationSubscriptionId, string? subscriptionId)
    {
        if (registrationSubscriptionId is not null && subscriptionId is not null &&
            !string.Equals(registrationSubscriptionId.Trim(), subscriptionId.Trim(), StringComparison.OrdinalIgnoreCase))
        {
            EndWith(new ErrorInfo(
                ErrorKind.Input,
                "SubscriptionIdContradicts",
                $"-SubscriptionId '{subscriptionId}' and -RegistrationSubscriptionId '{registrationSubscriptionId}' both mean the registration's subscription, and differ.")
            {
                Column = "SubscriptionId",
            });
        }

        return registrationSubscriptionId ?? subscriptionId;
    }

    /// <summary>
    /// Refuses a parameter that was given without a value, as by a variable that was never set: taking it for "not
    /// given" would work on the default registration, or on all tenants.
    /// </summary>
    private protected void RefuseBlanks(params string[] parameters)
    {
        foreach (string parameter in parameters)
        {
            if (MyInvocation.BoundParameters.TryGetValue(parameter, out object? value) &&
                (value is null || (value is string text && string.IsNullOrWhiteSpace(text))))
            {
                EndWith(new ErrorInfo(ErrorKind.Input, "ParameterBlank", $"-{parameter} was given without a value.")
                {
                    Column = parameter,
                });
            }
        }
    }
}
