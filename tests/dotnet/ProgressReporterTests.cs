using System;
using System.Globalization;
using Azs.Registration.Interaction;
using Azs.Registration.Native;
using Xunit;

namespace Azs.Registration.Tests;

public sealed class ProgressReporterTests
{
    public ProgressReporterTests() => CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

    [Fact]
    public void The_line_says_what_is_done_and_what_is_in_flight_and_counts_nothing_that_waits()
    {
        ProgressMade progress = new(new AzsProgressEvent { Finished = 1200, Failed = 3, Outstanding = 250, InFlight = 5, Rate = 8.34 });

        Assert.Equal("1,200 done, 3 of them failed, 5 in flight, 8.3 a second", ProgressReporter.Status(progress, isTotalKnown: false));
        Assert.Equal("1,200 of 1,450 done, 3 of them failed, 5 in flight, 8.3 a second", ProgressReporter.Status(progress, isTotalKnown: true));
    }

    [Theory]
    [InlineData("waiting because the service asked for it", 29500u, "0 done, 1 in flight; waiting because the service asked for it (30 s)")]
    [InlineData("waiting for the end of the listing", 0u, "0 done, 1 in flight; waiting for the end of the listing")]
    [InlineData(null, 500u, "0 done, 1 in flight")]
    internal void The_line_says_what_is_waited_for(string? text, uint left, string line)
    {
        using NativeText texts = new();
        ProgressMade progress = new(new AzsProgressEvent { Outstanding = 1, InFlight = 1, WaitText = texts.In(text), WaitLeftMs = left });

        Assert.Equal(line, ProgressReporter.Status(progress, isTotalKnown: true));
    }

    [Fact]
    public void What_the_library_does_not_know_is_null()
    {
        ProgressMade unknown = new(new AzsProgressEvent());
        ProgressMade known = new(new AzsProgressEvent { InFlight = 3, Rate = 9.5, TimeLeftMs = 61_000, WaitLeftMs = 500 });
        ProgressMade endless = new(new AzsProgressEvent { TimeLeftMs = ulong.MaxValue });

        Assert.Equal((null, null, null, null, null), (unknown.Rate, unknown.ListingRate, unknown.TimeLeft, unknown.WaitLeft, unknown.WaitText));
        Assert.Equal((3ul, 9.5, TimeSpan.FromSeconds(61), TimeSpan.FromSeconds(0.5)), (known.InFlight, known.Rate, known.TimeLeft, known.WaitLeft));
        Assert.Equal(TimeSpan.MaxValue, endless.TimeLeft);
    }

    [Fact]
    public void A_listing_counts_what_it_read()
    {
        ProgressMade progress = new(new AzsProgressEvent { Listed = 5000, Outstanding = 1, InFlight = 1, ListingRate = 980.4 });

        Assert.Equal("5,000 listed, 980.4 a second", ProgressReporter.Status(progress, isTotalKnown: true));
    }
}
