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

    public static string NothingToRemove(Mapping mapping) => $"Nothing to remove: {Target(mapping)}.";

    /// <summary>The action of ShouldProcess for a move: what is charged now, and what from then on.</summary>
    public static string MoveAction(Mapping wanted, string oldSubscription, string? oldTenant) =>
        IsSame(wanted.CustomerSubscriptionId, oldSubscription)
            ? $"Charge the subscription for {Tenant(wanted.TenantId)} instead of {Former(oldTenant)}"
            : $"Move the tenant's bill from subscription {oldSubscription} to {wanted.CustomerSubscriptionId}";

    /// <summary>The mapping with its tenant, where a look at the old one has shown it.</summary>
    public static Mapping WithTenant(Mapping wanted, string? oldTenant, string? oldSubscription) =>
        wanted.TenantId is not null || IsSame(wanted.CustomerSubscriptionId, oldSubscription) ? wanted : new Mapping
        {
            ResourceId = wanted.ResourceId,
            RegistrationSubscriptionId = wanted.RegistrationSubscriptionId,
            ResourceGroupName = wanted.ResourceGroupName,
            RegistrationName = wanted.RegistrationName,
            CustomerSubscriptionId = wanted.CustomerSubscriptionId,
            TenantId = oldTenant,
            Name = wanted.Name,
            Etag = wanted.Etag,
        };

    /// <summary>The question before a move.</summary>
    /// <param name="wanted">The mapping as it is to be.</param>
    /// <param name="oldSubscription">The subscription that is known to be charged, or one of several that may be.</param>
    /// <param name="said">What the library says is charged now: where a tenant is listed more than once, it names them all.</param>
    /// <param name="oldTenant">The tenant that the old mapping is for.</param>
    /// <param name="row">The row that the library's message begins with.</param>
    public static string MoveQuestion(Mapping wanted, string? oldSubscription, string? said, string? oldTenant, long row = 0)
    {
        const string sentNothing = " Nothing was sent.";
        string prefix = $"Row {row}: ";
        if (row > 0 && said is not null && said.StartsWith(prefix, System.StringComparison.Ordinal))
        {
            said = said.Substring(prefix.Length);
        }

        string state = string.IsNullOrEmpty(said)
            ? $"Subscription {oldSubscription} is listed now for the usage of {Former(TenantBefore(wanted, oldSubscription, oldTenant))}."
            : said!.EndsWith(sentNothing, System.StringComparison.Ordinal) ? said.Substring(0, said.Length - sentNothing.Length) : said;
        string wish = IsSame(wanted.CustomerSubscriptionId, oldSubscription)
            ? $"Charge subscription {wanted.CustomerSubscriptionId} for {Tenant(wanted.TenantId)} instead?"
            : $"Charge the usage to subscription {wanted.CustomerSubscriptionId} instead?";
        return $"{state} It is {Registration(wanted)}. {wish}";
    }

    /// <summary>For a move that nobody was asked about: old, new, and the way back where it is known.</summary>
    /// <remarks>
    /// The old subscription was listed. Where a tenant was listed more than once, nobody knows which was charged: so this
    /// does not say that the command restores what was.
    /// </remarks>
    /// <param name="reached">The mapping as it is now, or may be.</param>
    /// <param name="oldSubscription">The subscription that was listed.</param>
    /// <param name="oldTenant">The tenant that the old mapping was for; null where nobody says it.</param>
    /// <param name="inDoubt">Whether nobody can tell if the change took effect.</param>
    public static string Moved(Mapping reached, string? oldSubscription, string? oldTenant, bool inDoubt = false)
    {
        bool isSame = IsSame(reached.CustomerSubscriptionId, oldSubscription);
        string? tenant = TenantBefore(reached, oldSubscription, oldTenant);
        string charged = inDoubt ? "may be charged" : "is charged";
        string end = inDoubt ? ": what became of the change is not known." : ".";
        string moved = isSame
            ? $"In {Registration(reached)} subscription {oldSubscription} was listed for the usage of {Former(tenant)} and {charged} for that of " +
              $"{Tenant(reached.TenantId)} from now on{end}"
            : $"In {Registration(reached)} the usage of {Tenant(tenant)} was listed with subscription {oldSubscription} and {charged} to " +
              $"{reached.CustomerSubscriptionId} from now on{end}";
        return isSame && tenant is null ? moved
            : $"{moved} To charge it {(isSame ? "for " + Tenant(tenant) : "to " + oldSubscription)} again: {RestoreCommand(reached, oldSubscription, tenant)}";
    }

    /// <summary>The tenant of a mapping before: where another subscription is charged, the tenant is the same.</summary>
    private static string? TenantBefore(Mapping now, string? oldSubscription, string? oldTenant) =>
        oldTenant ?? (IsSame(now.CustomerSubscriptionId, oldSubscription) ? null : now.TenantId);

    private static string Former(string? tenant) => tenant is null ? "a tenant that nobody says" : Tenant(tenant);

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
