using System;
using System.Collections.Generic;
using System.Management.Automation.Host;

namespace Azs.Registration.Interaction;

/// <summary>Whether somebody is there to answer a question.</summary>
/// <remarks>
/// Asking where nobody is does not fail in one way only: it throws, or it hangs on an open pipe, or it takes the next
/// line of the input for the answer. So it is found out before.
/// </remarks>
internal static class Attendance
{
    /// <summary>Whether the process and its host can ask nobody.</summary>
    public static bool IsUnattended(PSHost? host) =>
        host?.UI is null ||
        IsUnattended(host.Name, Environment.GetCommandLineArgs(), Console.IsInputRedirected, Environment.UserInteractive);

    /// <summary>The rule by itself.</summary>
    public static bool IsUnattended(string hostName, IReadOnlyList<string> arguments, bool inputRedirected, bool userInteractive) =>
        hostName switch
        {
            // Runspaces without a host of their own: ForEach-Object -Parallel, thread jobs, [powershell]::Create().
            "Default Host" => true,
            // Only the console host reads its answers from standard input.
            "ConsoleHost" => inputRedirected || !userInteractive || HasSwitch(arguments, "noninteractive", 4),
            // Remoting asks on the client's side. The server of Start-Job waits until somebody receives the job.
            "ServerRemoteHost" => HasSwitch(arguments, "servermode", 1),
            _ => !userInteractive,
        };

    /// <summary>Looks for a switch of the PowerShell program, which may be shortened and begin with - or /.</summary>
    private static bool HasSwitch(IReadOnlyList<string> arguments, string name, int shortest)
    {
        for (int i = 1; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            // The file of a script, which begins with a slash too; what follows is its own. (The value of another switch
            // is no such file.)
            if (argument.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            if (argument.Length < 2 || argument[0] is not ('-' or '/'))
            {
                continue;
            }

            string given = argument.TrimStart('-', '/');
            if (IsShortFor(given, "command", 1) || IsShortFor(given, "file", 1) || IsShortFor(given, "cwa", 3))
            {
                return false;
            }

            if (IsShortFor(given, name, shortest))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsShortFor(string given, string name, int shortest) =>
        given.Length >= shortest && name.StartsWith(given, StringComparison.OrdinalIgnoreCase);
}
