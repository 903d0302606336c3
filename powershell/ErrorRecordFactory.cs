using System;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using Azs.Registration.Native;

namespace Azs.Registration;

/// <summary>The one place where error records are made.</summary>
internal static class ErrorRecordFactory
{
    /// <summary>Makes the record of an error.</summary>
    /// <param name="error">What went wrong.</param>
    /// <param name="target">What it is about: the result of the item, or the row.</param>
    /// <param name="actionInText">Whether the recommended action goes into the text, for views that do not show it by itself.</param>
    /// <param name="inner">The exception behind it.</param>
    public static ErrorRecord Create(ErrorInfo error, object? target, bool actionInText, Exception? inner = null)
    {
        string message = Message(error);
        ErrorRecord record = new(
            new AzsRegistrationException(error, message, inner), ErrorId(error.Code), Category(error.Kind), target ?? error.Target);
        if (!string.IsNullOrEmpty(error.RecommendedAction))
        {
            record.ErrorDetails = new ErrorDetails(actionInText ? message + Environment.NewLine + error.RecommendedAction : message)
            {
                RecommendedAction = error.RecommendedAction!,
            };
        }

        return record;
    }

    /// <summary>The code first, as scripts test for it; then what, and the ids that support asks for.</summary>
    public static string Message(ErrorInfo error)
    {
        StringBuilder message = new();
        message.Append(error.Code).Append(": ").Append(error.Message);
        List<string> ids = new();
        if (error.HttpStatus > 0)
        {
            ids.Add("HTTP status " + error.HttpStatus.ToString(CultureInfo.InvariantCulture));
        }

        if (!string.IsNullOrEmpty(error.RequestId))
        {
            ids.Add("request id " + error.RequestId);
        }

        if (!string.IsNullOrEmpty(error.CorrelationId))
        {
            ids.Add("correlation id " + error.CorrelationId);
        }

        if (ids.Count > 0)
        {
            message.Append(" (").Append(string.Join(", ", ids)).Append(')');
        }

        return message.ToString();
    }

    /// <summary>A code as an id: letters, digits and the few signs that services use, for a comma would end it.</summary>
    public static string ErrorId(string code)
    {
        StringBuilder id = new(code.Length);
        foreach (char letter in code)
        {
            if (letter is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '.' or '_' or '-')
            {
                id.Append(letter);
            }
        }

        return id.Length == 0 ? "UnknownError" : id.ToString();
    }

    /// <summary>PowerShell's category for a kind of error.</summary>
    public static ErrorCategory Category(ErrorKind kind) => kind switch
    {
        ErrorKind.Input => ErrorCategory.InvalidArgument,
        ErrorKind.Authentication => ErrorCategory.AuthenticationError,
        ErrorKind.Permission => ErrorCategory.PermissionDenied,
        ErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        ErrorKind.Conflict => ErrorCategory.ResourceUnavailable,
        ErrorKind.Throttled => ErrorCategory.LimitsExceeded,
        ErrorKind.Refused => ErrorCategory.InvalidOperation,
        ErrorKind.Service => ErrorCategory.ConnectionError,
        ErrorKind.Connection => ErrorCategory.ConnectionError,
        ErrorKind.Timeout => ErrorCategory.OperationTimeout,
        ErrorKind.InvalidAnswer => ErrorCategory.InvalidResult,
        ErrorKind.Cancelled => ErrorCategory.OperationStopped,
        ErrorKind.Internal => ErrorCategory.InvalidResult,
        _ => ErrorCategory.InvalidOperation,
    };
}
