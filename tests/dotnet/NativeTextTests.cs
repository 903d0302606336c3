using System;
using System.Security;
using Azs.Registration.Native;
using Xunit;

namespace Azs.Registration.Tests;

public sealed class NativeTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\u00fcber \u20ac \U0001F600")]
    public void A_text_goes_in_and_comes_out_the_same(string text)
    {
        using NativeText texts = new();

        Assert.Equal(text, NativeText.Out(texts.In(text)));
    }

    [Fact]
    public unsafe void Not_given_is_NULL_and_empty_is_not()
    {
        using NativeText texts = new();

        Assert.True(texts.In(null).Data == null);
        Assert.True(texts.In(string.Empty).Data != null);
        Assert.Equal((nuint)0, texts.In(string.Empty).Len);
        Assert.Null(NativeText.Out(default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("eyJ0.token-\u00e9")]
    public void A_secret_is_handed_over_in_UTF8(string text)
    {
        using SecureString secret = new();
        foreach (char letter in text)
        {
            secret.AppendChar(letter);
        }

        using NativeSecret handed = new(secret);

        Assert.Equal(text, NativeText.Out(handed.Text));
    }
}
