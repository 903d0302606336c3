using System;
using System.Management.Automation;
using Azs.Registration.Native;
using Xunit;

namespace Azs.Registration.Tests;

public sealed class ErrorRecordFactoryTests
{
    [Fact]
    public void A_message_begins_with_the_code_and_ends_with_what_support_asks_for()
    {
        ErrorInfo error = new(ErrorKind.Permission, "AuthorizationFailed", "No.")
        {
            HttpStatus = 403,
            RequestId = "r",
            CorrelationId = "c",
        };

        Assert.Equal("AuthorizationFailed: No. (HTTP status 403, request id r, correlation id c)", ErrorRecordFactory.Message(error));
    }

    [Theory]
    [InlineData("AuthorizationFailed", "AuthorizationFailed")]
    [InlineData("Bad,Code with\nsigns", "BadCodewithsigns")]
    [InlineData("", "UnknownError")]
    [InlineData(",;", "UnknownError")]
    public void A_code_becomes_an_id_that_a_comma_cannot_cut(string code, string id) =>
        Assert.Equal(id, ErrorRecordFactory.ErrorId(code));

    [Fact]
    public void Each_kind_of_error_has_a_category() =>
        Assert.All(
            Enum.GetValues<ErrorKind>(),
            kind => Assert.NotEqual(ErrorCategory.NotSpecified, ErrorRecordFactory.Category(kind)));

    [Fact]
    public void An_unknown_kind_of_a_newer_library_has_a_category_too() =>
        Assert.Equal(ErrorCategory.InvalidOperation, ErrorRecordFactory.Category((ErrorKind)999));
}
