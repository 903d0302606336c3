using System.Management.Automation.Language;
using System.Text;
using Azs.Registration.Native;

namespace Azs.Registration.Interaction;

/// <summary>Sentences of prompts, warnings and -WhatIf. Each names the registration.</summary>
internal static class Wording
{
    public static string Registration(Mapping mapping) =>
        $"registration '{mapping.RegistrationName}' (resource group '{mapping.ResourceGroupName}', subscription {mapping.RegistrationSubscriptionId})";

    /// <summary>The target of ShouldProcess.</summary>
    public static string Target(Mapping mapping)
    {
        StringBuilder target = new();
        if (mapping.TenantId is not null)
        {
            target.Append("tenant ").Append(mapping.TenantId);
        }

        if (mapping.CustomerSubscriptionId is not null)
        {
            target.Append(target.Length == 0 ? string.Empty : ", ").Append("customer subscription ").Append(mapping.CustomerSubscriptionId);
        }

        return target.Append(" in ").Append(Registration(mapping)).ToString();
    }

    /// <summary>Whose mapping it is: the tenant where it is known, and the customer subscription where it is.</summary>
    public static string Whose(Mapping mapping) => (mapping.TenantId, mapping.CustomerSubscriptionId) switch
    {
        (null, _) => $"customer subscription {mapping.CustomerSubscriptionId}",
        (_, null) => $"tenant {mapping.TenantId}",
        _ => $"tenant {mapping.TenantId} to customer subscription {mapping.CustomerSubscriptionId}",
    };

    public static string Tenant(string? tenant) => tenant is null ? "its tenant" : $"tenant {tenant}";

    public static string RemoveQuestion(Mapping mapping) =>
        $"Remove the mapping of {Whose(mapping)} from {Registration(mapping)}? " +
        $"From then on the tenant's usage is charged to the registration's own subscription {mapping.RegistrationSubscriptionId}.";

    public static string Removed(Mapping mapping) =>
        $"Removed the mapping of {Whose(mapping)} from {Registration(mapping)}. " +
        $"From now on the tenant's usage is charged to the registration's own subscription {mapping.RegistrationSubscriptionId}.";

    public static string MoveQuestion(Mapping wanted, string? oldSubscription, string? oldTenant) =>
        IsSame(wanted.CustomerSubscriptionId, oldSubscription)
            ? $"In {Registration(wanted)} subscription {oldSubscription} is charged for the usage of {Tenant(oldTenant)} now. " +
              $"Charge it for {Tenant(wanted.TenantId)} instead?"
            : $"In {Registration(wanted)} the usage of {Tenant(oldTenant ?? wanted.TenantId)} is charged to subscription {oldSubscription} now. " +
              $"Charge it to subscription {wanted.CustomerSubscriptionId} instead?";

    /// <summary>For a move that nobody was asked about: old, new, and the way back.</summary>
    public static string Moved(Mapping reached, string? oldSubscription, string? oldTenant)
    {
        string what = IsSame(reached.CustomerSubscriptionId, oldSubscription)
            ? $"subscription {oldSubscription} was charged for the usage of {Tenant(oldTenant)} and is charged for that of {Tenant(reached.TenantId)} from now on."
            : $"the usage of {Tenant(oldTenant ?? reached.TenantId)} was charged to subscription {oldSubscription} and is charged to " +
              $"{reached.CustomerSubscriptionId} from now on.";
        return $"In {Registration(reached)} {what} To restore it: {RestoreCommand(reached, oldSubscription, oldTenant ?? reached.TenantId)}";
    }

    private static bool IsSame(string? one, string? other) => string.Equals(one, other, System.StringComparison.OrdinalIgnoreCase);

    private static string RestoreCommand(Mapping mapping, string? oldSubscription, string? tenant)
    {
        StringBuilder command = new("New-AzsRegistrationTenant");
        Add("RegistrationSubscriptionId", mapping.RegistrationSubscriptionId);
        Add("ResourceGroupName", mapping.ResourceGroupName);
        Add("RegistrationName", mapping.RegistrationName);
        Add("CustomerSubscriptionId", oldSubscription);
        Add("TenantId", tenant);
        return command.ToString();

        void Add(string parameter, string? value)
        {
            if (value is not null)
            {
                command.Append(" -").Append(parameter).Append(" '").Append(CodeGeneration.EscapeSingleQuotedStringContent(value)).Append('\'');
            }
        }
    }
}
