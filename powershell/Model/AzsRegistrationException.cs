using System;
using Azs.Registration.Native;

namespace Azs.Registration;

/// <summary>What went wrong with one item, or with a command: the Exception of each error that the cmdlets write.</summary>
#pragma warning disable CA1032 // Made by the cmdlets alone, with all that it has to say.
public sealed class AzsRegistrationException : Exception
{
    internal AzsRegistrationException(ErrorInfo error, string message, Exception? inner = null)
        : base(message, inner)
    {
        Code = error.Code;
        HttpStatus = error.HttpStatus == 0 ? null : error.HttpStatus;
        Row = error.Row == 0 ? null : error.Row;
        Column = error.Column;
        Target = error.Target;
        RecommendedAction = error.RecommendedAction;
        RequestId = error.RequestId;
        CorrelationId = error.CorrelationId;
    }

    /// <summary>Azure Resource Manager's code, or one of the module's own.</summary>
    public string Code { get; }

    /// <summary>The HTTP status of the answer; null where there was none.</summary>
    public int? HttpStatus { get; }

    /// <summary>The row of the input, counted from 1; null where it is about none.</summary>
    public long? Row { get; }

    /// <summary>The column or parameter at fault.</summary>
    public string? Column { get; }

    /// <summary>What it is about: a resource id, an address, or the given value.</summary>
    public string? Target { get; }

    /// <summary>What to do about it.</summary>
    public string? RecommendedAction { get; }

    /// <summary>The service's id of the request, for its support.</summary>
    public string? RequestId { get; }

    /// <summary>The id that all requests of one command share.</summary>
    public string? CorrelationId { get; }
}
