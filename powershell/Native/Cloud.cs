namespace Azs.Registration.Native;

/// <summary>Which Azure a client talks to.</summary>
internal sealed class Cloud
{
    public string? ArmEndpoint { get; init; }

    public string? AuthorityHost { get; init; }

    /// <summary>What tokens are for.</summary>
    public string? Audience { get; init; }
}
