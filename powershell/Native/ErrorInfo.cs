namespace Azs.Registration.Native;

/// <summary>An error as the library tells it, or one of the managed half in the same form.</summary>
internal sealed class ErrorInfo
{
    public ErrorInfo(ErrorKind kind, string code, string message)
    {
        Kind = kind;
        Code = code;
        Message = message;
    }

    public ErrorKind Kind { get; }

    /// <summary>Azure Resource Manager's code, or one of our own.</summary>
    public string Code { get; }

    public string Message { get; }

    public int HttpStatus { get; init; }

    /// <summary>The row, counted from 1; 0 where the error is about none.</summary>
    public long Row { get; init; }

    public string? RecommendedAction { get; init; }

    public string? Target { get; init; }

    /// <summary>The column or parameter at fault.</summary>
    public string? Column { get; init; }

    public string? RequestId { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>The same with more to say.</summary>
    public ErrorInfo And(string sentence) => Copy(Message + " " + sentence, RecommendedAction);

    /// <summary>The same with what to do about it.</summary>
    public ErrorInfo Advising(string action) => Copy(Message, action);

    /// <summary>The same without a part of what it says.</summary>
    public ErrorInfo Without(string part) => Copy(Message.Replace(part, string.Empty), RecommendedAction);

    public static ErrorInfo From(in AzsError error) => new(
        (ErrorKind)error.Category,
        NativeText.Out(error.Code) ?? string.Empty,
        NativeText.Out(error.Message) ?? string.Empty)
    {
        HttpStatus = error.HttpStatus,
        Row = checked((long)error.Row),
        RecommendedAction = NativeText.Out(error.RecommendedAction),
        Target = NativeText.Out(error.Target),
        Column = NativeText.Out(error.Column),
        RequestId = NativeText.Out(error.RequestId),
        CorrelationId = NativeText.Out(error.CorrelationId),
    };

    private ErrorInfo Copy(string message, string? action) => new(Kind, Code, message)
    {
        HttpStatus = HttpStatus,
        Row = Row,
        RecommendedAction = action,
        Target = Target,
        Column = Column,
        RequestId = RequestId,
        CorrelationId = CorrelationId,
    };
}
