using Azs.Registration.Interaction;
using Xunit;

namespace Azs.Registration.Tests;

public sealed class AttendanceTests
{
    [Theory]
    // A person at a terminal.
    [InlineData("ConsoleHost", "pwsh", false, false)]
    [InlineData("ConsoleHost", "pwsh -NoProfile -File add.ps1", false, false)]
    // What follows the script is the script's own.
    [InlineData("ConsoleHost", "pwsh -File add.ps1 -NonInteractive", false, false)]
    [InlineData("ConsoleHost", "pwsh add.ps1 -NonInteractive", false, false)]
    [InlineData("ConsoleHost", "pwsh /home/me/add.ps1 -NonInteractive", false, false)]
    [InlineData("ConsoleHost", "pwsh -c x -noni", false, false)]
    // PowerShell takes switches shortened, and with a slash.
    [InlineData("ConsoleHost", "pwsh -NonInteractive", false, true)]
    [InlineData("ConsoleHost", "pwsh -noni -File add.ps1", false, true)]
    [InlineData("ConsoleHost", "powershell.exe /NonInter -Command x", false, true)]
    [InlineData("ConsoleHost", "pwsh -ExecutionPolicy Bypass -noni", false, true)]
    // Nobody types into a pipe.
    [InlineData("ConsoleHost", "pwsh", true, true)]
    // ForEach-Object -Parallel, thread jobs, [powershell]::Create().
    [InlineData("Default Host", "pwsh", false, true)]
    // Remoting asks on the client's side; a background job asks nobody.
    [InlineData("ServerRemoteHost", "wsmprovhost.exe -Embedding", true, false)]
    [InlineData("ServerRemoteHost", "pwsh -sshs -NoLogo", true, false)]
    [InlineData("ServerRemoteHost", "pwsh -s -NoLogo -NoProfile", true, true)]
    // Editors have their own way to ask, whatever their standard input is.
    [InlineData("Visual Studio Code Host", "pwsh -NoProfile -NonInteractive", true, false)]
    [InlineData("Windows PowerShell ISE Host", "PowerShell_ISE.exe", true, false)]
    public void Somebody_is_there_or_not(string host, string commandLine, bool redirected, bool unattended) =>
        Assert.Equal(unattended, Attendance.IsUnattended(host, commandLine.Split(' '), redirected, userInteractive: true));

    [Fact]
    public void A_service_has_nobody() =>
        Assert.True(Attendance.IsUnattended("ConsoleHost", ["pwsh"], inputRedirected: false, userInteractive: false));
}
