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
    public void The_line_says_what_is_done_and_what_is_not()
    {
        AzsProgressEvent progress = new() { Finished = 1200, Failed = 3, Outstanding = 40 };

        Assert.Equal("1,200 done, 3 of them failed, 40 under way, 8.3 a second", ProgressReporter.Status(new ProgressMade(progress), 8.3));
    }

    [Theory]
    [InlineData(Wait.Throttled, 29500u, "1 under way, waiting because the service asked for it (30 s)")]
    [InlineData(Wait.Listing, 0u, "1 under way, waiting for the end of the listing")]
    [InlineData((Wait)99, 0u, "1 under way")]
    internal void The_line_says_what_is_waited_for(Wait wait, uint milliseconds, string end)
    {
        AzsProgressEvent progress = new() { Outstanding = 1, Wait = (int)wait, WaitMs = milliseconds };

        Assert.Equal("0 done, " + end, ProgressReporter.Status(new ProgressMade(progress), 0));
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
        AzsProgressEvent progress = new() { Listed = 5000, Outstanding = 1 };

        Assert.StartsWith("5,000 listed, ", ProgressReporter.Status(new ProgressMade(progress), 0), System.StringComparison.Ordinal);
    }
}
